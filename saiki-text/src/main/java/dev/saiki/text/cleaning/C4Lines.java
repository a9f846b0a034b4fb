package dev.saiki.text.cleaning;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The line and page filter of {@link QualityRules#C4}.
///
/// A line is kept if it has at least {@value #MIN_WORDS} words, ends with a terminal punctuation mark, and mentions
/// neither JavaScript nor a notice about terms or cookies. Citation marks of Wikipedia are removed. A page with
/// fewer than {@value #MIN_SENTENCES} sentences is removed. The reference implementation (TensorFlow Datasets,
/// `c4_utils.py`) adds the limit of {@value #MAX_WORD} characters in a word, and does not count an ellipsis as
/// terminal.
final class C4Lines {

    static final int MIN_SENTENCES = 3;
    private static final int MIN_WORDS = 5;
    private static final int MAX_WORD = 1000;
    private static final Pattern CITATION = Pattern.compile("\\[(?:\\d*|edit|citation needed)]");
    static final Pattern LOREM_IPSUM = Pattern.compile("lorem ipsum", Pattern.CASE_INSENSITIVE);
    private static final Pattern SENTENCE_END = Pattern.compile("[.!?][\"'”’)]*(?=\\s|$)");
    private static final List<String> NOTICES = List.of(
            "javascript",
            "terms of use",
            "privacy policy",
            "cookie policy",
            "uses cookies",
            "use of cookies",
            "use cookies");

    private C4Lines() {}

    /// The remaining lines of a text.
    static String kept(String text) {
        return text.lines()
                .map(line -> CITATION.matcher(line.strip()).replaceAll(""))
                .filter(C4Lines::isKept)
                .collect(Collectors.joining("\n"));
    }

    private static boolean isKept(String line) {
        if (line.isEmpty() || ".!?\"”".indexOf(line.charAt(line.length() - 1)) < 0 || line.endsWith("...")) {
            return false;
        }
        String[] words = line.split("\\s+");
        String lower = line.toLowerCase(Locale.ROOT);
        return words.length >= MIN_WORDS
                && Arrays.stream(words).allMatch(word -> word.length() <= MAX_WORD)
                && NOTICES.stream().noneMatch(lower::contains);
    }

    /// The number of sentences in a text.
    static long sentences(String text) {
        return SENTENCE_END.matcher(text).results().count();
    }
}
