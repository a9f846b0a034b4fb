package dev.saiki.report;

import dev.saiki.io.InputException;
import java.util.Arrays;
import java.util.stream.Collectors;

/// A language in which reports are written.
public enum Language {
    /// English.
    ENGLISH("en"),
    /// Japanese.
    JAPANESE("ja");

    private final String tag;

    Language(String tag) {
        this.tag = tag;
    }

    /// Returns the language's tag as used in HTML and on the command line.
    ///
    /// @return a tag such as `en`
    public String tag() {
        return tag;
    }

    /// Finds a language.
    ///
    /// @param tag the language's tag
    /// @return the language
    /// @throws InputException if reports do not support the language
    public static Language of(String tag) {
        return Arrays.stream(values())
                .filter(language -> language.tag.equals(tag))
                .findFirst()
                .orElseThrow(() -> new InputException("the language of a report must be one of "
                        + Arrays.stream(values()).map(Language::tag).collect(Collectors.joining(", ")) + ", got "
                        + tag));
    }
}
