package dev.saiki.convert.gguf;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// An encoder of a checkpoint's numbers in a GGUF format. Numbers are rounded to nearest; in Q8_0 they are rounded
/// as in llama.cpp's reference.
record BlockEncoder(StoredTensor tensor, GgufType type) {

    /// The count of numbers that are converted at a time; a multiple of every block size.
    private static final int AT_ONCE = 1 << 15;

    /// Writes all numbers.
    ///
    /// @param output receives the bytes
    /// @throws IOException if writing fails
    /// @throws InputException if a number exceeds the format's range
    void writeTo(OutputStream output) throws IOException {
        long total = tensor.elementCount();
        float[] numbers = new float[(int) Math.min(AT_ONCE, total)];
        ByteBuffer bytes = ByteBuffer.allocate(AT_ONCE / type.blockSize() * type.blockBytes())
                .order(ByteOrder.LITTLE_ENDIAN);
        for (long from = 0; from < total; from += AT_ONCE) {
            int count = (int) Math.min(AT_ONCE, total - from);
            tensor.copyTo(from, numbers, 0, count);
            bytes.clear();
            encode(numbers, count, bytes);
            output.write(bytes.array(), 0, bytes.position());
        }
        tensor.unload();
    }

    private void encode(float[] numbers, int count, ByteBuffer bytes) {
        switch (type) {
            case F32 -> {
                for (int i = 0; i < count; i++) {
                    bytes.putFloat(numbers[i]);
                }
            }
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    bytes.putShort(half(numbers[i]));
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    bytes.putShort(bfloat16(numbers[i]));
                }
            }
            case Q8_0 -> {
                for (int i = 0; i < count; i += type.blockSize()) {
                    encodeQ8(numbers, i, bytes);
                }
            }
            case Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K ->
                throw new IllegalStateException(type + " cannot be written");
        }
    }

    private short half(float number) {
        short bits = Float.floatToFloat16(number);
        if (Float.isFinite(number) && !Float.isFinite(Float.float16ToFloat(bits))) {
            throw new InputException("tensor " + tensor.name() + " holds " + number + ", which exceeds the range of "
                    + type + "; use --weights bf16 or f32");
        }
        return bits;
    }

    /// Rounds a number to the nearest bfloat16, ties to even; NaN stays NaN.
    static short bfloat16(float number) {
        int bits = Float.floatToRawIntBits(number);
        if (Float.isNaN(number)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }

    private void encodeQ8(float[] numbers, int from, ByteBuffer bytes) {
        float largest = 0;
        for (int i = 0; i < type.blockSize(); i++) {
            largest = Math.max(largest, Math.abs(numbers[from + i]));
        }
        float scale = largest / 127;
        float inverse = scale == 0 ? 0 : 1 / scale;
        bytes.putShort(half(scale));
        for (int i = 0; i < type.blockSize(); i++) {
            bytes.put((byte) roundHalfAwayFromZero(numbers[from + i] * inverse));
        }
    }

    /// Rounds like C's `roundf`.
    private static int roundHalfAwayFromZero(float number) {
        int towardsZero = (int) number;
        float rest = Math.abs(number - towardsZero);
        return rest >= 0.5f ? towardsZero + (number < 0 ? -1 : 1) : towardsZero;
    }
}
