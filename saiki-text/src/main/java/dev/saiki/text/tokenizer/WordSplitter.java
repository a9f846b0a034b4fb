package dev.saiki.text.tokenizer;

/// GPT-2's word splitter, called `ByteLevel` in Hugging Face's library.
///
/// The rule is a regular expression, {@link WordPatterns#GPT_2}: an English contraction; or a run of letters, of
/// digits or of other visible characters, with the space before it, if there is one; or white space, whose last
/// character is left to the word that follows. The words cover the text without gaps. This class implements the
/// expression by hand, because scanning takes most of the time of training a tokenizer and a table look-up per
/// character is several times as fast as the matcher; a test compares the two.
///
/// Character classes follow the Unicode version of the running JDK. A tokenizer library built with another version
/// may split differently around the few characters that were assigned in between.
final class WordSplitter {

    /// A receiver of the words of a text, in order.
    @FunctionalInterface
    interface Words {
        /// Receives the word `text[from, to)`.
        void word(String text, int from, int to);
    }

    private static final byte OTHER = 0;
    private static final byte LETTER = 1;
    private static final byte NUMBER = 2;
    private static final byte SPACE = 3;

    /// The class of every character of the basic plane.
    private static final byte[] CLASS_OF_CHAR = new byte[0x1_0000];

    static {
        for (int c = 0; c < CLASS_OF_CHAR.length; c++) {
            CLASS_OF_CHAR[c] = classify(c);
        }
    }

    private WordSplitter() {}

    /// Splits `text[from, to)` regardless of its surroundings.
    static void split(String text, int from, int to, Words words) {
        int start = from;
        while (start < to) {
            int end = endOfWord(text, start, to);
            words.word(text, start, end);
            start = end;
        }
    }

    /// Finds a position at which a long text can be split in two without changing any word: a position after
    /// a line feed with visible characters on both sides.
    ///
    /// @return the first such position at or after `from`, or the end of the text
    static int safeCut(String text, int from) {
        int at = text.indexOf('\n', Math.max(1, from));
        while (at >= 0 && at + 1 < text.length()) {
            if (CLASS_OF_CHAR[text.charAt(at - 1)] != SPACE && CLASS_OF_CHAR[text.charAt(at + 1)] != SPACE) {
                return at + 1;
            }
            at = text.indexOf('\n', at + 1);
        }
        return text.length();
    }

    private static int endOfWord(String text, int start, int to) {
        char first = text.charAt(start);
        if (first == '\'') {
            int end = endOfContraction(text, start, to);
            if (end > start) {
                return end;
            }
        }
        int at = start;
        if (first == ' ' && start + 1 < to) {
            at++;
        }
        byte kind = classAt(text, at, to);
        if (kind != SPACE) {
            return endOfRun(text, at, to, kind);
        }
        int end = endOfRun(text, start, to, SPACE);
        return end == to || end == start + 1 ? end : end - 1;
    }

    private static int endOfRun(String text, int from, int to, byte kind) {
        int at = from;
        while (at < to) {
            char c = text.charAt(at);
            byte found = Character.isHighSurrogate(c) ? classAt(text, at, to) : CLASS_OF_CHAR[c];
            if (found != kind) {
                return at;
            }
            at += Character.isHighSurrogate(c) && isPair(text, at, to) ? 2 : 1;
        }
        return to;
    }

    private static byte classAt(String text, int at, int to) {
        return isPair(text, at, to) ? classify(text.codePointAt(at)) : CLASS_OF_CHAR[text.charAt(at)];
    }

    private static boolean isPair(String text, int at, int to) {
        return Character.isHighSurrogate(text.charAt(at))
                && at + 1 < to
                && Character.isLowSurrogate(text.charAt(at + 1));
    }

    private static int endOfContraction(String text, int start, int to) {
        if (start + 1 >= to) {
            return start;
        }
        char second = text.charAt(start + 1);
        if (second == 's' || second == 't' || second == 'm' || second == 'd') {
            return start + 2;
        }
        if (start + 2 >= to) {
            return start;
        }
        char third = text.charAt(start + 2);
        boolean matches = ((second == 'r' || second == 'v') && third == 'e') || (second == 'l' && third == 'l');
        return matches ? start + 3 : start;
    }

    /// Whether a character is white space in Unicode.
    static boolean isSpace(char c) {
        return CLASS_OF_CHAR[c] == SPACE;
    }

    private static byte classify(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.UPPERCASE_LETTER,
                    Character.LOWERCASE_LETTER,
                    Character.TITLECASE_LETTER,
                    Character.MODIFIER_LETTER,
                    Character.OTHER_LETTER -> LETTER;
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> NUMBER;
            case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> SPACE;
            case Character.CONTROL -> isSpaceControl(codePoint) ? SPACE : OTHER;
            default -> OTHER;
        };
    }

    /// Tab, line feed, line tabulation, form feed, carriage return, next line.
    private static boolean isSpaceControl(int codePoint) {
        return (codePoint >= '\t' && codePoint <= '\r') || codePoint == 0x85;
    }
}
