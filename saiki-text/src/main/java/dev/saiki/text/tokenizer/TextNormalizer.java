package dev.saiki.text.tokenizer;

import dev.saiki.io.InputException;
import java.text.Normalizer;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The normalisation of a text before it is split into words.
///
/// @param steps the steps, possibly none
record TextNormalizer(List<Step> steps) {

    /// A normalizer that changes nothing.
    static final TextNormalizer NONE = new TextNormalizer(List.of());

    /// The maximum length of a replacement; the longest in NFKC has 18 characters, or 33 bytes.
    static final int LONGEST_REPLACEMENT = 64;

    private static final int MAX_GROWTH = 64;

    /// The position of a text to normalise, which decides whether a prefix is added.
    enum Place {
        /// Nothing comes before the text.
        BEGINNING,
        /// The text follows an added token.
        AFTER_TOKEN,
        /// The text continues other text, so that no prefix is added.
        AFTER_TEXT
    }

    /// One step of the normalisation.
    sealed interface Step permits Form, Lowercase, Strip, Prepend, Replace, ReplaceMatches, PrefixOnce, Charsmap {
        /// Applies the step.
        ///
        /// @param text not empty
        /// @param place the text's position
        String apply(String text, Place place);
    }

    /// A normal form of Unicode.
    ///
    /// @param form the normal form
    record Form(Normalizer.Form form) implements Step {
        @Override
        public String apply(String text, Place place) {
            return Normalizer.normalize(text, form);
        }
    }

    /// Lower case, character by character: a capital sigma has only one lower case.
    record Lowercase() implements Step {
        @Override
        public String apply(String text, Place place) {
            return text.replace("\u0130", "i\u0307")
                    .codePoints()
                    .map(Character::toLowerCase)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
        }
    }

    /// A text without the white space at its ends.
    ///
    /// @param left whether white space is removed at the beginning
    /// @param right whether white space is removed at the end
    record Strip(boolean left, boolean right) implements Step {
        @Override
        public String apply(String text, Place place) {
            int from = 0;
            int to = text.length();
            while (right && to > 0 && WordSplitter.isSpace(text.charAt(to - 1))) {
                to--;
            }
            while (left && from < to && WordSplitter.isSpace(text.charAt(from))) {
                from++;
            }
            return text.substring(from, to);
        }
    }

    /// A string before every text.
    ///
    /// @param prefix the string
    record Prepend(String prefix) implements Step {
        @Override
        public String apply(String text, Place place) {
            return place == Place.AFTER_TEXT ? text : prefix + text;
        }
    }

    /// A prefix, added to texts that do not begin with it.
    ///
    /// @param prefix the string
    /// @param everywhere whether the prefix is also added to texts after an added token
    record PrefixOnce(String prefix, boolean everywhere) implements Step {
        @Override
        public String apply(String text, Place place) {
            boolean applies = switch (place) {
                case BEGINNING -> true;
                case AFTER_TOKEN -> everywhere;
                case AFTER_TEXT -> false;
            };
            return applies && !text.startsWith(prefix) ? prefix + text : text;
        }
    }

    /// The replacement of one string by another.
    ///
    /// @param from the string to replace wherever it occurs
    /// @param to the replacement
    record Replace(String from, String to) implements Step {
        @Override
        public String apply(String text, Place place) {
            return text.replace(from, to);
        }
    }

    /// The replacement of all matches of an expression.
    ///
    /// @param from the expression
    /// @param to the replacement
    record ReplaceMatches(Pattern from, String to) implements Step {
        @Override
        public String apply(String text, Place place) {
            StringBuilder result = new StringBuilder();
            BoundedMatches matches = new BoundedMatches(from, text, 0, text.length());
            int start = 0;
            while (matches.find()) {
                result.append(text, start, matches.start()).append(to);
                start = matches.end();
            }
            return result.append(text, start, text.length()).toString();
        }
    }

    /// Normalises a text.
    ///
    /// @param text any text
    /// @param place the position of the text
    /// @return the text to split and encode; an empty text stays empty
    /// @throws InputException if the text becomes far longer
    String apply(String text, Place place) {
        String changed = text;
        for (Step step : steps) {
            if (!changed.isEmpty()) {
                changed = step.apply(changed, place);
            }
            if (changed.length() / MAX_GROWTH > text.length() + LONGEST_REPLACEMENT) {
                throw new InputException("tokenizer: the normalizer makes the text more than " + MAX_GROWTH
                        + " times as long; change the tokenizer.json");
            }
        }
        return changed;
    }

    /// Whether the result is the same if parts that end at line feeds are normalised one by one, instead of
    /// the whole text.
    boolean worksOnLines() {
        return steps.stream().allMatch(step -> step instanceof Form);
    }

    /// Returns this normalizer followed by another step.
    TextNormalizer then(Step step) {
        return new TextNormalizer(Stream.concat(steps.stream(), Stream.of(step)).toList());
    }
}
