package dev.saiki.text.tokenizer;

import dev.saiki.io.InputException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The matches of an expression from a file, found as by Oniguruma's Rust binding and in bounded time, because some
/// expressions take exponential time.
///
/// Joni, the Java port of Oniguruma, was weighed: it would interpret every expression in use alike, but a search can
/// be ended only by the clock, so that the same text may fail on one machine and not on another.
final class BoundedMatches {

    private static final long READS = 1 << 16;
    private static final long READS_PER_CHARACTER = 1 << 10;

    private final Matcher matcher;
    private final Piece piece;
    private int next;
    private int end = -1;

    /// The matches in `text[from, to)` regardless of its surroundings.
    BoundedMatches(Pattern pattern, String text, int from, int to) {
        piece = new Piece(pattern, text, from, to);
        matcher = pattern.matcher(piece);
    }

    /// Finds the next match.
    ///
    /// @throws InputException if this takes too much time or memory
    boolean find() {
        try {
            while (next <= piece.length() && matcher.find(next)) {
                boolean isEmpty = matcher.end() == matcher.start();
                boolean touches = matcher.start() == end;
                end = matcher.end();
                next = isEmpty ? end + piece.charactersAt(end) : end;
                if (!isEmpty || !touches) {
                    return true;
                }
            }
            return false;
        } catch (StackOverflowError _) {
            throw tooCostly(matcher.pattern());
        }
    }

    int start() {
        return piece.from + matcher.start();
    }

    int end() {
        return piece.from + matcher.end();
    }

    private static InputException tooCostly(Pattern pattern) {
        return new InputException("tokenizer: the expression " + pattern
                + " takes too much time or memory on this text; change the text or the tokenizer.json");
    }

    /// A piece of a text that may be read only so often.
    private static final class Piece implements CharSequence {
        private final Pattern pattern;
        private final String text;
        private final int from;
        private final int to;
        private long left;

        Piece(Pattern pattern, String text, int from, int to) {
            this.pattern = pattern;
            this.text = text;
            this.from = from;
            this.to = to;
            left = READS + READS_PER_CHARACTER * (to - from);
        }

        /// The number of Java characters of the character at an index; 1 at the end.
        int charactersAt(int index) {
            return from + index + 1 < to ? Character.charCount(text.codePointAt(from + index)) : 1;
        }

        @Override
        public char charAt(int index) {
            if (--left < 0) {
                throw tooCostly(pattern);
            }
            return text.charAt(from + index);
        }

        @Override
        public int length() {
            return to - from;
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(from + start, from + end);
        }

        @Override
        public String toString() {
            return text.substring(from, to);
        }
    }
}
