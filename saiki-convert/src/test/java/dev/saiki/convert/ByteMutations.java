package dev.saiki.convert;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/// Random damage to bytes of any format, and numbers and texts that break careless readers.
final class ByteMutations {

    private static final long[] ODD = {
        0,
        1,
        2,
        -1,
        -2,
        7,
        127,
        255,
        256,
        65_535,
        65_536,
        1L << 20,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        1L << 31,
        0xFFFF_FFFFL,
        1L << 32,
        1L << 53,
        1L << 60,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    /// Byte sequences that are not valid UTF-8 (truncated, overlong, a surrogate, beyond Unicode, a lone byte),
    /// and some that are.
    private static final byte[][] TEXTS = {
        {(byte) 0xE3, (byte) 0x81},
        {(byte) 0xC0, (byte) 0x80},
        {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
        {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
        {(byte) 0x80},
        {(byte) 0xFF, (byte) 0xFE},
        {0},
        {'"', '\\', '}'},
        {(byte) 0xE2, (byte) 0x96, (byte) 0x81}
    };

    private ByteMutations() {}

    /// A number close to the original one, or a number that often causes overflow.
    static long odd(long there, long bytesLeft, Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> there + random.nextInt(3) - 1;
            case 1 -> there * 2;
            case 2 -> bytesLeft + random.nextInt(3) - 1;
            case 3 -> random.nextInt(24);
            default -> ODD[random.nextInt(ODD.length)];
        };
    }

    /// Writes a number of 1, 2, 4 or 8 bytes, little-endian.
    static void put(byte[] bytes, int at, int width, long value) {
        for (int i = 0; i < width; i++) {
            bytes[at + i] = (byte) (value >>> (8 * i));
        }
    }

    /// Reads a number of 1, 2, 4 or 8 bytes, little-endian.
    static long get(byte[] bytes, int at, int width) {
        long value = 0;
        for (int i = width - 1; i >= 0; i--) {
            value = value << 8 | Byte.toUnsignedLong(bytes[at + i]);
        }
        return value;
    }

    /// Overwrites a part of a text.
    static void scribble(byte[] bytes, int from, int length, Random random) {
        byte[] text = TEXTS[random.nextInt(TEXTS.length)];
        int at = from + random.nextInt(Math.max(1, length));
        int count = Math.min(text.length, Math.max(0, from + length - at));
        System.arraycopy(text, 0, bytes, at, count);
    }

    /// Replaces a range of bytes by other bytes.
    static byte[] replaced(byte[] bytes, int from, int to, byte[] between) {
        ByteArrayOutputStream output = new ByteArrayOutputStream(bytes.length + between.length);
        output.write(bytes, 0, from);
        output.writeBytes(between);
        output.write(bytes, to, bytes.length - to);
        return output.toByteArray();
    }

    /// Makes one change: to a bit, a byte, a number, a text or a stretch of bytes at a random place, or to the
    /// length.
    static byte[] anywhere(byte[] bytes, Random random) {
        if (bytes.length < 2 * Long.BYTES) {
            return bytes;
        }
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(7)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) random.nextInt();
            case 2 -> {
                int from = Math.min(at, bytes.length - Long.BYTES);
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(from, odd(at, bytes.length - at, random));
            }
            case 3 -> {
                int length = Math.min(1 + random.nextInt(64), bytes.length - at);
                System.arraycopy(bytes, random.nextInt(bytes.length - length + 1), bytes, at, length);
            }
            case 4 -> scribble(bytes, at, bytes.length - at, random);
            case 5 -> {
                return Arrays.copyOf(bytes, at);
            }
            default -> {
                return Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(64));
            }
        }
        return bytes;
    }
}
