package dev.saiki.rollout.pair;

import java.util.regex.Pattern;

/// A search for a regular expression that gives up after a million steps, since clients or models determine the text,
/// and the time of a search may be exponential and its stack deep.
public final class BoundedSearch {

    private static final int MOST_READ = 1_000_000;

    private BoundedSearch() {}

    /// Searches a text.
    ///
    /// @param pattern what to find
    /// @param text the text
    /// @param ifTooLong the answer of a search that takes too many steps
    /// @return whether the pattern was found
    public static boolean find(Pattern pattern, String text, boolean ifTooLong) {
        try {
            return pattern.matcher(new Searched(text, new Reads())).find();
        } catch (StackOverflowError | SearchTooLongException tooLong) {
            return ifTooLong;
        }
    }

    private static final class SearchTooLongException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        SearchTooLongException() {
            super("the search takes too long", null, false, false);
        }
    }

    private static final class Reads {

        private int count;

        void count() {
            if (++count > MOST_READ) {
                throw new SearchTooLongException();
            }
        }
    }

    /// A text whose characters are counted as they are read.
    private record Searched(String text, Reads reads) implements CharSequence {

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            reads.count();
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Searched(text.substring(start, end), reads);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
