package dev.saiki.text.corpus;

import java.util.Arrays;
import java.util.Random;

/// Random damage to files; equal generator states give equal damage.
public final class Mutations {

    private Mutations() {}

    /// Makes one to four changes: a flipped bit, a changed byte, a cut, a repetition, or numbers that often
    /// cause overflow.
    public static byte[] bytes(byte[] original, Random random) {
        byte[] bytes = original.clone();
        for (int change = random.nextInt(4); change >= 0; change--) {
            int at = random.nextInt(Math.max(1, bytes.length));
            if (bytes.length > 0) {
                bytes = changed(bytes, at, random);
            }
        }
        return bytes;
    }

    private static byte[] changed(byte[] bytes, int at, Random random) {
        switch (random.nextInt(6)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) random.nextInt(256);
            case 2 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 8), (byte) (random.nextBoolean() ? 0xFF : 0));
            case 3 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 4 -> {
                return Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(64));
            }
            default -> {
                int length = Math.min(bytes.length - at, 1 + random.nextInt(32));
                System.arraycopy(bytes, random.nextInt(bytes.length - length + 1), bytes, at, length);
            }
        }
        return bytes;
    }
}
