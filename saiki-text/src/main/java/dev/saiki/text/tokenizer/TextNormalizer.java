package dev.saiki.text.tokenizer;

import java.text.Normalizer;
import java.util.List;
import java.util.stream.Stream;

/// The normalisation of a text before it is split into words.
///
/// @param steps the steps, possibly none
record TextNormalizer(List<Step> steps) {

    /// A normalizer that changes nothing.
    static final TextNormalizer NONE = new TextNormalizer(List.of());

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
    sealed interface Step permits Form, Prepend, Replace, PrefixOnce {
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

    /// Normalises a text.
    ///
    /// @param text any text
    /// @param place the position of the text
    /// @return the text to split and encode; an empty text stays empty
    String apply(String text, Place place) {
        String changed = text;
        for (Step step : steps) {
            if (!changed.isEmpty()) {
                changed = step.apply(changed, place);
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
