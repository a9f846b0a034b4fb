package dev.saiki.text.tokenizer;

/// A reusable buffer with the UTF-8 bytes of a part of a string.
///
/// A surrogate without its partner has no UTF-8 form; it is encoded as U+FFFD, the replacement character, as the
/// Unicode standard advises. (`String.getBytes` would write a question mark.)
final class Utf8 {

    private static final int REPLACEMENT = 0xFFFD;

    private byte[] bytes = new byte[256];
    private int length;

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /// Encodes `text[from, to)`, replacing the previous content.
    void encode(String text, int from, int to) {
        int most = Math.multiplyExact(3, to - from);
        if (bytes.length < most) {
            bytes = new byte[Math.max(most, bytes.length * 2)];
        }
        length = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                bytes[length++] = (byte) c;
            } else if (Character.isHighSurrogate(c) && i + 1 < to && Character.isLowSurrogate(text.charAt(i + 1))) {
                putFour(Character.toCodePoint(c, text.charAt(++i)));
            } else {
                putTwoOrThree(Character.isSurrogate(c) ? REPLACEMENT : c);
            }
        }
    }

    private void putTwoOrThree(int codePoint) {
        if (codePoint < 0x800) {
            bytes[length++] = (byte) (0xC0 | (codePoint >> 6));
        } else {
            bytes[length++] = (byte) (0xE0 | (codePoint >> 12));
            bytes[length++] = (byte) (0x80 | ((codePoint >> 6) & 0x3F));
        }
        bytes[length++] = (byte) (0x80 | (codePoint & 0x3F));
    }

    private void putFour(int codePoint) {
        bytes[length++] = (byte) (0xF0 | (codePoint >> 18));
        bytes[length++] = (byte) (0x80 | ((codePoint >> 12) & 0x3F));
        bytes[length++] = (byte) (0x80 | ((codePoint >> 6) & 0x3F));
        bytes[length++] = (byte) (0x80 | (codePoint & 0x3F));
    }
}
