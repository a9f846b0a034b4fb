package dev.saiki.text.tokenizer;

import java.util.Arrays;

/// The printable characters that represent bytes in `tokenizer.json`.
///
/// JSON cannot hold arbitrary bytes, so GPT-2 gave each of the 256 bytes a printable character: the visible ASCII
/// and Latin-1 characters stand for themselves, and the other 68 bytes, in order, are U+0100, U+0101 and so on; a
/// space is therefore `Ġ` and a line feed `Ċ`. A token is spelled as the stand-ins of its bytes.
final class ByteAlphabet {

    /// The number of byte values.
    static final int SIZE = 256;

    private static final char[] CHARACTER_OF_BYTE = new char[SIZE];
    private static final short[] BYTE_OF_CHARACTER = new short[0x180];
    private static final int[] BYTES_IN_CHARACTER_ORDER = new int[SIZE];

    static {
        Arrays.fill(BYTE_OF_CHARACTER, (short) -1);
        int visible = 0;
        int hidden = 0;
        for (int value = 0; value < SIZE; value++) {
            CHARACTER_OF_BYTE[value] = isVisible(value) ? (char) value : (char) (0x100 + hidden++);
            BYTE_OF_CHARACTER[CHARACTER_OF_BYTE[value]] = (short) value;
        }
        for (char character = 0; character < BYTE_OF_CHARACTER.length; character++) {
            if (BYTE_OF_CHARACTER[character] >= 0) {
                BYTES_IN_CHARACTER_ORDER[visible++] = BYTE_OF_CHARACTER[character];
            }
        }
    }

    private ByteAlphabet() {}

    /// Finds the byte whose stand-in has a given rank among the sorted stand-ins, which is the order in which
    /// the trainer assigns the bytes' ids.
    static int byteOfRank(int rank) {
        return BYTES_IN_CHARACTER_ORDER[rank];
    }

    static String spell(byte[] bytes) {
        char[] characters = new char[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            characters[i] = CHARACTER_OF_BYTE[Byte.toUnsignedInt(bytes[i])];
        }
        return new String(characters);
    }

    static boolean isSpelling(String token) {
        for (int i = 0; i < token.length(); i++) {
            char c = token.charAt(i);
            if (c >= BYTE_OF_CHARACTER.length || BYTE_OF_CHARACTER[c] < 0) {
                return false;
            }
        }
        return true;
    }

    /// The bytes of a token for which {@link #isSpelling} holds.
    static byte[] bytes(String spelling) {
        byte[] bytes = new byte[spelling.length()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) BYTE_OF_CHARACTER[spelling.charAt(i)];
        }
        return bytes;
    }

    private static boolean isVisible(int value) {
        return (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xAC) || value >= 0xAE;
    }
}
