package dev.saiki.text.tokenizer;

import dev.saiki.io.InputException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A text that an expression from a file may read only so often, because some expressions take exponential time.
final class BoundedText implements CharSequence {

    private static final long READS = 1 << 16;
    private static final long READS_PER_CHARACTER = 1 << 10;

    private final String text;
    private final Pattern pattern;
    private long left;

    private BoundedText(Pattern pattern, String text, int length) {
        this.pattern = pattern;
        this.text = text;
        left = READS + READS_PER_CHARACTER * length;
    }

    /// A matcher of `text[from, to)` regardless of its surroundings, for {@link #find}.
    static Matcher matcher(Pattern pattern, String text, int from, int to) {
        // The default bounds are opaque and anchoring, which hides the text around the piece.
        return pattern.matcher(new BoundedText(pattern, text, to - from)).region(from, to);
    }

    /// Finds the next match.
    ///
    /// @throws InputException if this takes too much time or memory
    static boolean find(Matcher matcher) {
        try {
            return matcher.find();
        } catch (StackOverflowError _) {
            throw tooCostly(matcher.pattern());
        }
    }

    private static InputException tooCostly(Pattern pattern) {
        return new InputException("tokenizer: the expression " + pattern
                + " takes too much time or memory on this text; change the text or the tokenizer.json");
    }

    @Override
    public char charAt(int index) {
        if (--left < 0) {
            throw tooCostly(pattern);
        }
        return text.charAt(index);
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.substring(start, end);
    }

    @Override
    public String toString() {
        return text;
    }
}
