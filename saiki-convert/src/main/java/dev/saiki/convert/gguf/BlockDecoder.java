package dev.saiki.convert.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// A decoder of GGUF tensors to float32, bit for bit as llama.cpp decodes them.
///
/// Each formula groups its operations as llama.cpp does (`ggml-quants.c`), since another grouping rounds differently.
final class BlockDecoder {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final GgufType type;
    private final MemorySegment data;

    BlockDecoder(GgufTensor tensor) {
        this.type = tensor.type();
        this.data = tensor.data();
    }

    /// Widens numbers.
    ///
    /// @param from index of the first number, a multiple of the block size
    /// @param target receives them, from its beginning
    /// @param count how many numbers, a multiple of the block size
    void copyTo(long from, float[] target, int count) {
        byte[] block = new byte[type.blockBytes()];
        for (int done = 0; done < count; done += type.blockSize()) {
            long at = (from + done) / type.blockSize() * type.blockBytes();
            switch (type) {
                case F32 -> target[done] = data.get(FLOAT, at);
                case F16 -> target[done] = Float.float16ToFloat(data.get(SHORT, at));
                case BF16 -> target[done] = Float.intBitsToFloat(data.get(SHORT, at) << 16);
                case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K -> {
                    MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, block, 0, block.length);
                    decode(block, target, done);
                }
            }
        }
    }

    private void decode(byte[] block, float[] target, int at) {
        switch (type) {
            case Q4_0 -> decodeQ4(block, target, at);
            case Q4_1 -> decodeQ4WithMinimum(block, target, at);
            case Q5_0 -> decodeQ5(block, target, at);
            case Q5_1 -> decodeQ5WithMinimum(block, target, at);
            case Q8_0 -> decodeQ8(block, target, at);
            case Q4_K -> decodeQ4K(block, target, at);
            case Q5_K -> decodeQ5K(block, target, at);
            case Q6_K -> decodeQ6K(block, target, at);
            case F32, F16, BF16 -> throw new IllegalStateException(type + " has no blocks");
        }
    }

    private static float half(byte[] block, int at) {
        return Float.float16ToFloat((short) (Byte.toUnsignedInt(block[at]) | (block[at + 1] << 8)));
    }

    private static void decodeQ8(byte[] block, float[] target, int at) {
        float scale = half(block, 0);
        for (int i = 0; i < 32; i++) {
            target[at + i] = block[2 + i] * scale;
        }
    }

    private static void decodeQ4(byte[] block, float[] target, int at) {
        float scale = half(block, 0);
        for (int i = 0; i < 16; i++) {
            int both = Byte.toUnsignedInt(block[2 + i]);
            target[at + i] = ((both & 0xF) - 8) * scale;
            target[at + i + 16] = ((both >> 4) - 8) * scale;
        }
    }

    private static void decodeQ4WithMinimum(byte[] block, float[] target, int at) {
        float scale = half(block, 0);
        float minimum = half(block, 2);
        for (int i = 0; i < 16; i++) {
            int both = Byte.toUnsignedInt(block[4 + i]);
            target[at + i] = (both & 0xF) * scale + minimum;
            target[at + i + 16] = (both >> 4) * scale + minimum;
        }
    }

    /// A 5-bit number: four bits from a nibble, the fifth from the block's 4-byte bit field.
    private static int five(byte[] block, int high, int i) {
        int both = Byte.toUnsignedInt(block[high + 4 + i % 16]);
        int fifth = (Byte.toUnsignedInt(block[high + i / 8]) >> (i % 8)) & 1;
        return (i < 16 ? both & 0xF : both >> 4) | (fifth << 4);
    }

    private static void decodeQ5(byte[] block, float[] target, int at) {
        float scale = half(block, 0);
        for (int i = 0; i < 32; i++) {
            target[at + i] = (five(block, 2, i) - 16) * scale;
        }
    }

    private static void decodeQ5WithMinimum(byte[] block, float[] target, int at) {
        float scale = half(block, 0);
        float minimum = half(block, 2);
        for (int i = 0; i < 32; i++) {
            target[at + i] = five(block, 4, i) * scale + minimum;
        }
    }

    /// The 6-bit scale of one of eight groups; the last four groups keep two of their bits elsewhere.
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

    private static void decodeQ4K(byte[] block, float[] target, int at) {
        float scale = half(block, 0);
        float minimum = half(block, 2);
        int quants = 16;
        for (int group = 0; group < 8; group++) {
            float d = scale * scale(block, group);
            float m = minimum * minimum(block, group);
            int shift = group % 2 * 4;
            for (int i = 0; i < 32; i++) {
                int both = Byte.toUnsignedInt(block[quants + group / 2 * 32 + i]);
                target[at + group * 32 + i] = d * ((both >> shift) & 0xF) - m;
            }
        }
    }

    private static void decodeQ5K(byte[] block, float[] target, int at) {
        float scale = half(block, 0);
        float minimum = half(block, 2);
        int high = 16;
        int quants = 48;
        for (int group = 0; group < 8; group++) {
            float d = scale * scale(block, group);
            float m = minimum * minimum(block, group);
            int shift = group % 2 * 4;
            for (int i = 0; i < 32; i++) {
                int low = (Byte.toUnsignedInt(block[quants + group / 2 * 32 + i]) >> shift) & 0xF;
                int fifth = (Byte.toUnsignedInt(block[high + i]) >> group) & 1;
                target[at + group * 32 + i] = d * (low + (fifth << 4)) - m;
            }
        }
    }

    private static void decodeQ6K(byte[] block, float[] target, int at) {
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
            target[at + i] = scale * block[scales + i / 16] * quant;
        }
    }
}
