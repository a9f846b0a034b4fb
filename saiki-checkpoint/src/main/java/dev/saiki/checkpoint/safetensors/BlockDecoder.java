package dev.saiki.checkpoint.safetensors;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A decoder of blocks, whose numbers share scales. In GGUF's formats the result is equal, bit for bit, to llama.cpp's.
///
/// All formats have one formula: a number is `unit · scale · (integer - zero) - minimumUnit · minimum`, grouped from
/// left to right, where the integer has the format's bits, and scale and minimum are integers of the number's group.
/// In formats whose block is one group, the scale is 1, and the minimum is 1, or 0 if the format has no minima.
public final class BlockDecoder {

    private final StoredType type;
    private final boolean hasMinima;
    private final int upperBits;
    private final byte[] block;
    private final int[] integers;

    /// Creates a decoder.
    ///
    /// @param type a format with blocks
    public BlockDecoder(StoredType type) {
        this.type = type;
        this.hasMinima = switch (type) {
            case Q4_1, Q5_1, Q4_K, Q5_K -> true;
            default -> false;
        };
        this.upperBits = switch (type) {
            case Q5_0, Q5_1, Q5_K -> 1;
            case Q6_0, Q6_K -> 2;
            default -> 0;
        };
        this.block = new byte[type.blockBytes()];
        this.integers = new int[type.blockSize()];
    }

    /// Reads a block, which the other methods then describe.
    ///
    /// @param data the blocks
    /// @param index index of the block
    /// @return this decoder
    public BlockDecoder at(MemorySegment data, long index) {
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, index * block.length, block, 0, block.length);
        return this;
    }

    /// Returns the number of groups with a scale of their own.
    ///
    /// @return 16 for Q6_K, 8 for Q4_K and Q5_K, otherwise 1
    public int groups() {
        return switch (type) {
            case Q4_K, Q5_K -> 8;
            case Q6_K -> 16;
            default -> 1;
        };
    }

    /// Returns the factor of all scales.
    ///
    /// @return a float16
    public float unit() {
        return half(type == StoredType.Q6_K ? 208 : 0);
    }

    /// Returns the factor of all minima.
    ///
    /// @return a float16; 0 if the format has no minima
    public float minimumUnit() {
        return switch (type) {
            case Q4_1, Q5_1 -> -half(2);
            case Q4_K, Q5_K -> half(2);
            default -> 0;
        };
    }

    /// Tells whether the factors of scales and minima are finite, and with them all numbers.
    ///
    /// @return whether they are
    public boolean isFinite() {
        return Float.isFinite(unit()) && Float.isFinite(minimumUnit());
    }

    private float half(int at) {
        return Float.float16ToFloat((short) (Byte.toUnsignedInt(block[at]) | (block[at + 1] << 8)));
    }

    /// Returns a group's scale.
    ///
    /// @param group index of the group
    /// @return 0 to 63 in Q4_K and Q5_K, -128 to 127 in Q6_K
    public int scale(int group) {
        return switch (type) {
            case Q4_K, Q5_K -> packed(group, 4, 0);
            case Q6_K -> block[192 + group];
            default -> 1;
        };
    }

    /// Returns a group's minimum.
    ///
    /// @param group index of the group
    /// @return 0 to 63; 0 if the format has no minima
    public int minimum(int group) {
        return switch (type) {
            case Q4_1, Q5_1 -> 1;
            case Q4_K, Q5_K -> packed(group, 8, 4);
            default -> 0;
        };
    }

    /// Reads six bits. For the last four groups, the lower four bits are in bytes that scales and minima share, and the
    /// upper two bits are above the six bits of the first four groups.
    private int packed(int group, int first, int shift) {
        return group < 4
                ? block[first + group] & 63
                : (Byte.toUnsignedInt(block[8 + group]) >> shift & 15)
                        | (Byte.toUnsignedInt(block[first + group - 4]) >> 6) << 4;
    }

    /// Returns the integer that stands for zero, or for the negative minimum.
    ///
    /// @return 0 if the format has minima
    public int zero() {
        return switch (type) {
            case Q8_0 -> 128;
            case Q4_0 -> 8;
            case Q5_0 -> 16;
            case Q6_0, Q6_K -> 32;
            default -> 0;
        };
    }

    /// Reads the integers.
    ///
    /// @return one for each number, none of them negative; overwritten by the next call
    public int[] integers() {
        switch (type) {
            case Q8_0 -> {
                for (int i = 0; i < integers.length; i++) {
                    integers[i] = block[2 + i] + 128;
                }
            }
            case Q4_K, Q5_K -> readGroups();
            case Q6_K -> readQ6K();
            default -> readNibbles();
        }
        return integers;
    }

    /// Reads formats with 32 numbers. Fifth and sixth bits are in a 4-byte field each before the nibbles.
    private void readNibbles() {
        int high = hasMinima ? 4 : 2;
        int nibbles = high + 4 * upperBits;
        for (int i = 0; i < 32; i++) {
            integers[i] = (Byte.toUnsignedInt(block[nibbles + i % 16]) >> (i / 16 * 4)) & 15;
            for (int bit = 0; bit < upperBits; bit++) {
                integers[i] |= ((Byte.toUnsignedInt(block[high + 4 * bit + i / 8]) >> (i % 8)) & 1) << (4 + bit);
            }
        }
    }

    /// Reads formats in which 256 numbers form eight groups.
    private void readGroups() {
        int high = 16;
        int quants = high + 32 * upperBits;
        for (int i = 0; i < 256; i++) {
            int group = i / 32;
            int fifth = upperBits == 1 ? (Byte.toUnsignedInt(block[high + i % 32]) >> group) & 1 : 0;
            int low = Byte.toUnsignedInt(block[quants + group / 2 * 32 + i % 32]) >> (group % 2 * 4);
            integers[i] = (low & 15) | fifth << 4;
        }
    }

    private void readQ6K() {
        int high = 128;
        for (int i = 0; i < 256; i++) {
            int half = i / 128;
            int quarter = i % 128 / 32;
            int low = Byte.toUnsignedInt(block[half * 64 + i % 64]) >> (quarter / 2 * 4);
            int upper = Byte.toUnsignedInt(block[high + half * 32 + i % 32]) >> (quarter * 2);
            integers[i] = (low & 15) | (upper & 3) << 4;
        }
    }

    /// Reads numbers of blocks.
    ///
    /// @param data the blocks
    /// @param from index of the first number
    /// @param target array that receives the numbers
    /// @param at index of the first number in the target
    /// @param count the number of numbers
    void copyTo(MemorySegment data, long from, float[] target, int at, int count) {
        int size = type.blockSize();
        float[] numbers = new float[size];
        for (int done = 0; done < count; ) {
            long number = from + done;
            at(data, number / size).decode(numbers);
            int skipped = (int) (number % size);
            int some = Math.min(size - skipped, count - done);
            System.arraycopy(numbers, skipped, target, at + done, some);
            done += some;
        }
    }

    private void decode(float[] target) {
        int[] numbers = integers();
        int zero = zero();
        int size = numbers.length / groups();
        for (int group = 0; group < groups(); group++) {
            float scale = unit() * scale(group);
            float minimum = minimumUnit() * minimum(group);
            for (int i = group * size; i < (group + 1) * size; i++) {
                target[i] = scale * (numbers[i] - zero) - minimum;
            }
        }
    }
}
