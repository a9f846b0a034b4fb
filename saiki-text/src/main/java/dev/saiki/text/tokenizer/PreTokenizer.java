package dev.saiki.text.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The splitting of text into words before merging: a chain of stages, each of which is applied to every
/// piece from the previous stage.
final class PreTokenizer {

    /// One stage.
    sealed interface Stage permits Gpt2Words, PatternWords, Split, Digits, SpacedWords {
        /// Splits `text[from, to)` regardless of its surroundings. The pieces are not empty, and leave no gaps except
        /// where a {@link Split} removes text.
        void split(String text, int from, int to, WordSplitter.Words words);
    }

    /// GPT-2's rule as a hand-written scanner.
    record Gpt2Words() implements Stage {
        @Override
        public void split(String text, int from, int to, WordSplitter.Words words) {
            WordSplitter.split(text, from, to, words);
        }
    }

    /// The matches of a known pattern, which leave no text between them and are found in linear time.
    ///
    /// @param pattern the rule, see {@link WordPatterns}
    record PatternWords(Pattern pattern) implements Stage {
        @Override
        public void split(String text, int from, int to, WordSplitter.Words words) {
            Matcher matcher = pattern.matcher(text).region(from, to);
            while (matcher.find()) {
                words.word(text, matcher.start(), matcher.end());
            }
        }
    }

    /// What becomes of the delimiters in a text, as Hugging Face's library names it.
    enum Behavior {
        /// Each is a piece.
        ISOLATED,
        /// They are removed.
        REMOVED,
        /// Adjacent ones form a piece.
        CONTIGUOUS,
        /// Each belongs to the piece before it; of adjacent ones only the first does.
        MERGED_WITH_PREVIOUS,
        /// Each belongs to the piece after it; of adjacent ones only the last does.
        MERGED_WITH_NEXT
    }

    /// A split at delimiters.
    ///
    /// @param pattern the pattern of the delimiters
    /// @param behavior what becomes of them
    /// @param inverted whether the matches are the pieces, and the text between them the delimiters
    record Split(Pattern pattern, Behavior behavior, boolean inverted) implements Stage {

        /// A part of a text.
        ///
        /// @param delimits whether it is a delimiter
        private record Part(int from, int to, boolean delimits) {

            /// Whether this part and the next one are parts of the same piece.
            boolean joins(Part next, Behavior behavior) {
                return switch (behavior) {
                    case ISOLATED, REMOVED -> false;
                    case CONTIGUOUS -> delimits == next.delimits;
                    case MERGED_WITH_PREVIOUS -> next.delimits && !delimits;
                    case MERGED_WITH_NEXT -> delimits && !next.delimits;
                };
            }
        }

        @Override
        public void split(String text, int from, int to, WordSplitter.Words words) {
            List<Part> parts = parts(text, from, to);
            int start = from;
            for (int i = 0; i < parts.size(); i++) {
                Part part = parts.get(i);
                if (i + 1 < parts.size() && part.joins(parts.get(i + 1), behavior)) {
                    continue;
                }
                if (part.to() > start && !(part.delimits() && behavior == Behavior.REMOVED)) {
                    words.word(text, start, part.to());
                }
                start = part.to();
            }
        }

        private List<Part> parts(String text, int from, int to) {
            List<Part> parts = new ArrayList<>();
            BoundedMatches matches = new BoundedMatches(pattern, text, from, to);
            int start = from;
            while (matches.find()) {
                if (matches.start() > start) {
                    parts.add(new Part(start, matches.start(), inverted));
                }
                parts.add(new Part(matches.start(), matches.end(), !inverted));
                start = matches.end();
            }
            if (start < to) {
                parts.add(new Part(start, to, inverted));
            }
            return parts;
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
            case PatternWords(Pattern pattern) -> WordPatterns.endWordsAtLines(pattern.pattern());
            case Split _, SpacedWords _ -> false;
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
