package dev.saiki.text.cleaning;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The paragraphs of a text that are compared with earlier paragraphs of the corpus.
///
/// As in CCNet (Wenzek et al., arXiv 1911.00359, 2019, section 3.1) a paragraph is a line, and case, digits and
/// punctuation make no difference. Lines of fewer than {@value #MIN_CHARACTERS} characters are always kept.
public final class Paragraphs {

    private static final int MIN_CHARACTERS = 60;
    private static final Pattern IGNORED = Pattern.compile("[\\p{Punct}\\p{IsPunctuation}]+");
    private static final Pattern LINE_END = Pattern.compile("\n");
    private static final Pattern DIGIT = Pattern.compile("\\d");

    private Paragraphs() {}

    /// The hashes of a text's paragraphs.
    ///
    /// @param text the whole text
    /// @return the hashes, in order
    public static List<TextHash> hashes(String text) {
        return lines(text).filter(Paragraphs::isCompared).map(Paragraphs::hash).toList();
    }

    /// A text without some of its paragraphs.
    ///
    /// @param removed whether the next paragraph is removed, called for each paragraph in order
    static String without(String text, BooleanSupplier removed) {
        return lines(text)
                .filter(line -> !isCompared(line) || !removed.getAsBoolean())
                .collect(Collectors.joining("\n"));
    }

    private static Stream<String> lines(String text) {
        return Arrays.stream(LINE_END.split(text, -1));
    }

    private static boolean isCompared(String line) {
        return line.length() >= MIN_CHARACTERS;
    }

    private static TextHash hash(String line) {
        String plain = IGNORED.matcher(line.strip().toLowerCase(Locale.ROOT)).replaceAll("");
        return TextHash.of(DIGIT.matcher(plain).replaceAll("0"));
    }
}
