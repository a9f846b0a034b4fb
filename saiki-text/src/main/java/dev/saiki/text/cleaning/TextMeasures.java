package dev.saiki.text.cleaning;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The measures of a text that published rules limit.
///
/// Words are separated by white space. Lines and paragraphs are stripped, and empty ones do not count. Shares of
/// characters are shares of those in words, lines or paragraphs; where a unit occurs several times, its first
/// occurrence is no repetition.
final class TextMeasures {

    private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");
    private static final Pattern PARAGRAPH_END = Pattern.compile("\\n\\s*\\n");
    private static final Set<String> STOP_WORDS = Set.of("the", "be", "to", "of", "and", "that", "have", "with");

    private final String text;
    private final List<String> words;
    private final List<String> lines;
    private final List<String> paragraphs;

    TextMeasures(String text) {
        this.text = text;
        words = WHITE_SPACE.splitAsStream(text).filter(word -> !word.isEmpty()).toList();
        lines = stripped(text.lines().toList());
        paragraphs = stripped(Arrays.asList(PARAGRAPH_END.split(text)));
    }

    private static List<String> stripped(List<String> units) {
        return units.stream().map(String::strip).filter(unit -> !unit.isEmpty()).toList();
    }

    private static double share(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }

    /// The number of words.
    double words() {
        return words.size();
    }

    /// The mean number of characters in a word.
    double meanWordLength() {
        return share(characters(words), words.size());
    }

    /// The number of occurrences of symbols, divided by the number of words.
    double perWord(String... symbols) {
        long found = 0;
        for (String symbol : symbols) {
            for (int at = text.indexOf(symbol); at >= 0; at = text.indexOf(symbol, at + symbol.length())) {
                found++;
            }
        }
        return share(found, words.size());
    }

    /// The share of lines that meet a condition.
    double lines(Predicate<String> condition) {
        return share(lines.stream().filter(condition).count(), lines.size());
    }

    /// The share of words that contain a letter.
    double alphabeticWords() {
        return share(
                words.stream()
                        .filter(word -> word.codePoints().anyMatch(Character::isLetter))
                        .count(),
                words.size());
    }

    /// The number of different English stop words.
    double stopWords() {
        return words.stream()
                .map(word -> word.toLowerCase(Locale.ROOT))
                .filter(STOP_WORDS::contains)
                .collect(Collectors.toSet())
                .size();
    }

    /// The number of lines that repeat an earlier line, divided by the number of lines.
    double repeatedLines() {
        return share(repeated(lines).size(), lines.size());
    }

    /// The characters of lines that repeat an earlier line, as a share of the characters of all lines.
    double charactersInRepeatedLines() {
        return share(characters(repeated(lines)), characters(lines));
    }

    /// The number of paragraphs that repeat an earlier one, divided by the number of paragraphs.
    double repeatedParagraphs() {
        return share(repeated(paragraphs).size(), paragraphs.size());
    }

    /// The characters of paragraphs that repeat an earlier one, as a share of the characters of all paragraphs.
    double charactersInRepeatedParagraphs() {
        return share(characters(repeated(paragraphs)), characters(paragraphs));
    }

    private static List<String> repeated(List<String> units) {
        Set<String> seen = new HashSet<>();
        return units.stream().filter(unit -> !seen.add(unit)).toList();
    }

    private static long characters(List<String> units) {
        return units.stream().mapToLong(String::length).sum();
    }

    /// The share of the words' characters in all occurrences of the most frequent sequence of words; 0 if every
    /// sequence occurs once.
    double topSequence(int length) {
        Map<List<String>, Integer> counts = new HashMap<>();
        for (int at = 0; at + length <= words.size(); at++) {
            counts.merge(words.subList(at, at + length), 1, Integer::sum);
        }
        int most = counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        long longest = counts.entrySet().stream()
                .filter(sequence -> most > 1 && sequence.getValue() == most)
                .mapToLong(sequence -> characters(sequence.getKey()))
                .max()
                .orElse(0);
        return share(most * longest, characters(words));
    }

    /// The share of the words' characters in sequences of words that occur earlier; where sequences overlap,
    /// characters count once.
    double repeatedSequences(int length) {
        Set<List<String>> seen = new HashSet<>();
        long repeated = 0;
        int end = 0;
        for (int at = 0; at + length <= words.size(); at++) {
            if (!seen.add(words.subList(at, at + length))) {
                repeated += characters(words.subList(Math.max(at, end), at + length));
                end = at + length;
            }
        }
        return share(repeated, characters(words));
    }
}
