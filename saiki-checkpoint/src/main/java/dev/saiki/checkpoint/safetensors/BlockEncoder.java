package dev.saiki.checkpoint.safetensors;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/// An encoder of float32 numbers in a stored format.
///
/// F16 and BF16 are rounded to nearest, ties to even, and Q8_0 as in llama.cpp's reference. For Q4_0 and Q6_0 a block's
/// numbers are first rounded with the scale that maps the largest to the least integer, -8 or -32; the scale that fits
/// the resulting integers best, by least squares, is kept. If the importance of the numbers is known, eighteen slightly
/// different first scales are tried too, as by llama.cpp's `make_qx_quants`, and errors are weighted with the
/// importance.
///
/// @param type F32, F16, BF16, Q8_0, Q6_0 or Q4_0
/// @param importance a positive weight for the squared error of each number of a row; empty if all are equal
public record BlockEncoder(StoredType type, Optional<float[]> importance) {

    /// The count of numbers that are converted at a time, if the importance does not matter; a multiple of every
    /// block size.
    private static final int AT_ONCE = 1 << 15;

    /// The number of first scales that are tried on each side of the usual one.
    private static final int TRIES = 9;

    private static final float STEP = 0.1f;

    /// Creates an encoder for numbers of equal importance.
    ///
    /// @param type F32, F16, BF16, Q8_0, Q6_0 or Q4_0
    /// @return the encoder
    public static BlockEncoder of(StoredType type) {
        return new BlockEncoder(type, Optional.empty());
    }

    /// Writes all numbers of a tensor. A tensor that has the format already is copied.
    ///
    /// @param tensor the tensor; its pages are unloaded afterwards
    /// @param output receives the bytes
    /// @throws IOException if writing fails
    /// @throws InputException if a number is not in the format's range
    public void write(StoredTensor tensor, OutputStream output) throws IOException {
        long total = tensor.elementCount();
        int atOnce = importance.map(weights -> weights.length).orElse(AT_ONCE);
        float[] numbers = new float[(int) Math.min(atOnce, total)];
        byte[] bytes = new byte[bytes(numbers.length)];
        for (long from = 0; from < total; from += numbers.length) {
            int count = (int) Math.min(numbers.length, total - from);
            if (tensor.type() == type) {
                long first = from / type.blockSize() * type.blockBytes();
                MemorySegment.copy(tensor.data(), ValueLayout.JAVA_BYTE, first, bytes, 0, bytes(count));
            } else {
                tensor.copyTo(from, numbers, 0, count);
                try {
                    encode(numbers, count, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
                } catch (IllegalArgumentException e) {
                    throw new InputException("tensor " + tensor.name() + ": " + e.getMessage(), e);
                }
            }
            output.write(bytes, 0, bytes(count));
        }
        tensor.unload();
    }

    /// Counts the bytes of encoded numbers.
    ///
    /// @param count how many numbers are encoded, a multiple of the block size
    /// @return bytes
    public int bytes(int count) {
        return count / type.blockSize() * type.blockBytes();
    }

    /// Encodes numbers from the beginning of an array.
    ///
    /// @param numbers the numbers; a row, if the importance matters
    /// @param count the number of numbers, a multiple of the block size
    /// @param target receives the encoded numbers, little-endian
    /// @throws IllegalArgumentException if a number is not in the format's range
    public void encode(float[] numbers, int count, ByteBuffer target) {
        for (int i = 0; i < count; i += type.blockSize()) {
            switch (type) {
                case F32 -> target.putFloat(numbers[i]);
                case F16 -> target.putShort(half(numbers[i]));
                case BF16 -> target.putShort(BFloat16.of(numbers[i]));
                case Q8_0 -> encodeQ8(numbers, i, target);
                case Q4_0, Q6_0 -> put(numbers, i, scaleOf(numbers, i), target);
                default -> throw new IllegalArgumentException(type + " cannot be written");
            }
        }
    }

    private short half(float number) {
        short bits = Float.floatToFloat16(number);
        if (type.hasBlocks() ? !Float.isFinite(Float.float16ToFloat(bits)) : overflows(number, bits)) {
            throw new IllegalArgumentException(
                    type + " cannot hold a number that is too large or not finite: " + number);
        }
        return bits;
    }

    private static boolean overflows(float number, short bits) {
        return Float.isFinite(number) && !Float.isFinite(Float.float16ToFloat(bits));
    }

    private void encodeQ8(float[] numbers, int from, ByteBuffer target) {
        float scale = Math.abs(largest(numbers, from)) / 127;
        float inverse = scale == 0 ? 0 : 1 / scale;
        target.putShort(half(scale));
        for (int i = from; i < from + type.blockSize(); i++) {
            target.put((byte) roundHalfAwayFromZero(numbers[i] * inverse));
        }
    }

    /// Finds the number of a block that is farthest from zero; NaN if there is one.
    private float largest(float[] numbers, int from) {
        float largest = 0;
        for (int i = from; i < from + type.blockSize(); i++) {
            if (!(Math.abs(numbers[i]) <= Math.abs(largest))) {
                largest = numbers[i];
            }
            if (Float.isNaN(largest)) {
                return largest;
            }
        }
        return largest;
    }

    /// Rounds like C's `roundf`.
    private static int roundHalfAwayFromZero(float number) {
        int towardsZero = (int) number;
        float rest = Math.abs(number - towardsZero);
        return rest >= 0.5f ? towardsZero + (number < 0 ? -1 : 1) : towardsZero;
    }

    /// The least integer of Q4_0 and Q6_0, negative.
    private int least() {
        return type == StoredType.Q4_0 ? -8 : -32;
    }

    /// Encodes a block of Q4_0 or Q6_0 with a given scale.
    ///
    /// @param numbers a row
    /// @param from index of the block's first number
    /// @param scale the scale, exact in float16
    /// @param target receives the block
    public void put(float[] numbers, int from, float scale, ByteBuffer target) {
        target.putShort(half(scale));
        int[] integers = new int[type.blockSize()];
        for (int i = 0; i < integers.length; i++) {
            integers[i] = rounded(numbers[from + i], scale) - least();
        }
        for (int bit = 4; -least() >> bit > 0; bit++) {
            int plane = 0;
            for (int i = 0; i < integers.length; i++) {
                plane |= ((integers[i] >> bit) & 1) << i;
            }
            target.putInt(plane);
        }
        int half = integers.length / 2;
        for (int i = 0; i < half; i++) {
            target.put((byte) ((integers[i + half] & 15) << 4 | (integers[i] & 15)));
        }
    }

    /// Rounds a number to an integer of Q4_0 or Q6_0.
    ///
    /// @param number a number
    /// @param scale scale of its block
    /// @return the integer, from -8 to 7 or from -32 to 31; 0 if the scale is 0
    public int rounded(float number, float scale) {
        return scale == 0 ? 0 : (int) Math.clamp(Math.rint(number / scale), least(), -least() - 1);
    }

    /// Finds the scale of a block of Q4_0 or Q6_0 with the least error.
    ///
    /// @param numbers a row
    /// @param from index of the block's first number
    /// @return the scale, exact in float16
    /// @throws IllegalArgumentException if a number is not in the format's range
    public float scaleOf(float[] numbers, int from) {
        float largest = largest(numbers, from);
        if (largest == 0 || !Float.isFinite(largest)) {
            return Float.float16ToFloat(half(largest));
        }
        int tries = importance.isPresent() ? TRIES : 0;
        double best = -1;
        double scale = 0;
        for (int i = -tries; i <= tries; i++) {
            float first = largest / (least() + i * STEP);
            double products = 0;
            double squares = 0;
            for (int at = from; at < from + type.blockSize(); at++) {
                int number = rounded(numbers[at], first);
                double weight = importance.isPresent() ? importance.get()[at] : 1;
                products += weight * number * numbers[at];
                squares += weight * number * number;
            }
            // The least error with these integers is the sum of squares of the numbers, less this.
            if (squares > 0 && products * products / squares > best) {
                best = products * products / squares;
                scale = products / squares;
            }
        }
        return Float.float16ToFloat(half((float) scale));
    }
}
