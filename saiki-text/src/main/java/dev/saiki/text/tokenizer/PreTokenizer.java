package dev.saiki.text.tokenizer;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The splitting of text into words before merging: a chain of stages, each of which is applied to every
/// piece from the previous stage.
final class PreTokenizer {

    /// One stage.
    sealed interface Stage permits Gpt2Words, PatternWords, Digits, SpacedWords {
        /// Splits `text[from, to)` regardless of its surroundings; the pieces leave no gaps.
        void split(String text, int from, int to, WordSplitter.Words words);
    }

    /// GPT-2's rule as a hand-written scanner.
    record Gpt2Words() implements Stage {
        @Override
        public void split(String text, int from, int to, WordSplitter.Words words) {
            WordSplitter.split(text, from, to, words);
        }
    }

    /// The matches of a pattern, and the text between them.
    ///
    /// @param pattern the rule, see {@link WordPatterns}
    /// @param linear whether matching is known to take linear time
    record PatternWords(Pattern pattern, boolean linear) implements Stage {
        @Override
        public void split(String text, int from, int to, WordSplitter.Words words) {
            Matcher matcher =
                    linear ? pattern.matcher(text).region(from, to) : BoundedText.matcher(pattern, text, from, to);
            int start = from;
            while (BoundedText.find(matcher)) {
                if (matcher.start() > start) {
                    words.word(text, start, matcher.start());
                }
                if (matcher.end() > matcher.start()) {
                    words.word(text, matcher.start(), matcher.end());
                }
                start = matcher.end();
            }
            if (start < to) {
                words.word(text, start, to);
            }
        }
    }

    /// Splits off numeric characters.
    ///
    /// @param individually whether each digit is a piece of its own; otherwise a run of digits is one piece
    record Digits(boolean individually) implements Stage {
        @Override
        public void split(String text, int from, int to, WordSplitter.Words words) {
            int start = from;
            boolean number = false;
            int at = from;
            while (at < to) {
                int codePoint = at + 1 < to ? text.codePointAt(at) : text.charAt(at);
                boolean isNumber = isNumeric(codePoint);
                if (at > start && (isNumber != number || (isNumber && individually))) {
                    words.word(text, start, at);
                    start = at;
                }
                number = isNumber;
                at += Character.charCount(codePoint);
            }
            if (start < to) {
                words.word(text, start, to);
            }
        }

        private static boolean isNumeric(int codePoint) {
            return switch (Character.getType(codePoint)) {
                case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
                default -> false;
            };
        }
    }

    /// Words that begin with the replacement character of a space.
    ///
    /// @param space the replacement character
    record SpacedWords(char space) implements Stage {
        @Override
        public void split(String text, int from, int to, WordSplitter.Words words) {
            int start = from;
            for (int at = from + 1; at <= to; at++) {
                if (at == to || text.charAt(at) == space) {
                    words.word(text, start, at);
                    start = at;
                }
            }
        }
    }

    private final List<Stage> stages;

    PreTokenizer(List<Stage> stages) {
        this.stages = List.copyOf(stages);
    }

    /// Whether a line feed with visible characters on both sides always ends a word, see
    /// {@link WordSplitter#safeCut}.
    boolean endsWordsAtLines() {
        return stages.stream().allMatch(stage -> switch (stage) {
            case Gpt2Words _, Digits _ -> true;
            case PatternWords(Pattern pattern, boolean _) -> WordPatterns.endWordsAtLines(pattern.pattern());
            case SpacedWords _ -> false;
        });
    }

    void split(String text, int from, int to, WordSplitter.Words words) {
        split(0, text, from, to, words);
    }

    private void split(int stage, String text, int from, int to, WordSplitter.Words words) {
        if (stage == stages.size()) {
            words.word(text, from, to);
        } else {
            stages.get(stage).split(text, from, to, (whole, start, end) -> split(stage + 1, whole, start, end, words));
        }
    }
}
