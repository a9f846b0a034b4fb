package dev.saiki.checkpoint.safetensors;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A decoder of tensors in formats with blocks to float32; the result is equal, bit for bit, to llama.cpp's.
///
/// Each formula groups its operations as llama.cpp does (`ggml-quants.c`), because another grouping would round
/// differently.
///
/// @param tensor the tensor
record BlockDecoder(StoredTensor tensor) {

    /// Reads numbers.
    ///
    /// @param from index of the first number
    /// @param target array that receives the numbers
    /// @param at index of the first number in the target
    /// @param count the number of numbers
    void copyTo(long from, float[] target, int at, int count) {
        int size = tensor.type().blockSize();
        byte[] block = new byte[tensor.type().blockBytes()];
        float[] numbers = new float[size];
        for (int done = 0; done < count; ) {
            long number = from + done;
            MemorySegment.copy(
                    tensor.data(), ValueLayout.JAVA_BYTE, number / size * block.length, block, 0, block.length);
            decode(block, numbers);
            int skipped = (int) (number % size);
            int some = Math.min(size - skipped, count - done);
            System.arraycopy(numbers, skipped, target, at + done, some);
            done += some;
        }
    }

    private void decode(byte[] block, float[] target) {
        switch (tensor.type()) {
            case Q4_0, Q4_1, Q5_0, Q5_1 -> decodeNibbles(tensor.type(), block, target);
            case Q8_0 -> decodeQ8(block, target);
            case Q4_K, Q5_K -> decodeGroups(tensor.type() == StoredType.Q5_K, block, target);
            case Q6_K -> decodeQ6K(block, target);
            default -> throw new IllegalStateException(tensor.type() + " has no blocks");
        }
    }

    private static float half(byte[] block, int at) {
        return Float.float16ToFloat((short) (Byte.toUnsignedInt(block[at]) | (block[at + 1] << 8)));
    }

    private static void decodeQ8(byte[] block, float[] target) {
        float scale = half(block, 0);
        for (int i = 0; i < 32; i++) {
            target[i] = block[2 + i] * scale;
        }
    }

    /// Decodes formats in which 32 numbers share a scale and possibly a minimum. In the 5-bit formats, the fifth
    /// bits are in a 4-byte field before the nibbles.
    private static void decodeNibbles(StoredType type, byte[] block, float[] target) {
        boolean hasMinimum = type == StoredType.Q4_1 || type == StoredType.Q5_1;
        boolean hasFifth = type == StoredType.Q5_0 || type == StoredType.Q5_1;
        float scale = half(block, 0);
        float minimum = hasMinimum ? half(block, 2) : 0;
        int high = hasMinimum ? 4 : 2;
        int middle = hasFifth ? 16 : 8;
        int nibbles = hasFifth ? high + 4 : high;
        for (int i = 0; i < 32; i++) {
            int both = Byte.toUnsignedInt(block[nibbles + i % 16]);
            int fifth = hasFifth ? (Byte.toUnsignedInt(block[high + i / 8]) >> (i % 8)) & 1 : 0;
            int quant = (i < 16 ? both & 0xF : both >> 4) | (fifth << 4);
            target[i] = hasMinimum ? quant * scale + minimum : (quant - middle) * scale;
        }
    }

    /// The 6-bit scale of one of eight groups; two bits of the scale are stored elsewhere for the last four
    /// groups.
    private static int scale(byte[] block, int group) {
        int first = 4;
        return group < 4
                ? block[first + group] & 63
                : (block[first + group + 4] & 0xF) | ((Byte.toUnsignedInt(block[first + group - 4]) >> 6) << 4);
    }

    /// The minimum of one of eight groups.
    private static int minimum(byte[] block, int group) {
        int first = 4;
        return group < 4
                ? block[first + group + 4] & 63
                : (Byte.toUnsignedInt(block[first + group + 4]) >> 4)
                        | ((Byte.toUnsignedInt(block[first + group]) >> 6) << 4);
    }

    /// Decodes formats in which 256 numbers form eight groups with their own scales and minima.
    private static void decodeGroups(boolean hasFifth, byte[] block, float[] target) {
        float scale = half(block, 0);
        float minimum = half(block, 2);
        int high = 16;
        int quants = hasFifth ? 48 : high;
        for (int group = 0; group < 8; group++) {
            float d = scale * scale(block, group);
            float m = minimum * minimum(block, group);
            int shift = group % 2 * 4;
            for (int i = 0; i < 32; i++) {
                int low = (Byte.toUnsignedInt(block[quants + group / 2 * 32 + i]) >> shift) & 0xF;
                int fifth = hasFifth ? (Byte.toUnsignedInt(block[high + i]) >> group) & 1 : 0;
                target[group * 32 + i] = d * (low + (fifth << 4)) - m;
            }
        }
    }

    private static void decodeQ6K(byte[] block, float[] target) {
        int high = 128;
        int scales = 192;
        float scale = half(block, 208);
        for (int i = 0; i < 256; i++) {
            int half = i / 128;
            int quarter = i % 128 / 32;
            int l = i % 32;
            int low = Byte.toUnsignedInt(block[half * 64 + quarter % 2 * 32 + l]) >> (quarter / 2 * 4);
            int upper = Byte.toUnsignedInt(block[high + half * 32 + l]) >> (quarter * 2);
            int quant = ((low & 0xF) | ((upper & 3) << 4)) - 32;
            target[i] = scale * block[scales + i / 16] * quant;
        }
    }
}
