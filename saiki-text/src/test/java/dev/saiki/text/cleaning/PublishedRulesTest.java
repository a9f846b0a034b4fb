package dev.saiki.text.cleaning;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Texts just inside and just outside each published limit.
final class PublishedRulesTest {

    /// A text that a rule keeps and one that it removes.
    private record Sample(DocumentVerdict verdict, String kept, String removed) {}

    private static final List<Sample> GOPHER = List.of(
            new Sample(DocumentVerdict.GOPHER_FEW_WORDS, text(50), text(49)),
            new Sample(DocumentVerdict.GOPHER_MANY_WORDS, text(100_000), text(100_001)),
            new Sample(DocumentVerdict.GOPHER_SHORT_WORDS, "one two six", "one two si"),
            new Sample(DocumentVerdict.GOPHER_LONG_WORDS, "abcdefghij abcdefghij", "abcdefghij abcdefghijk"),
            new Sample(DocumentVerdict.GOPHER_HASHES, text(100) + "#".repeat(10), text(100) + "#".repeat(11)),
            new Sample(DocumentVerdict.GOPHER_ELLIPSES, text(20) + "……", text(20) + "……..."),
            new Sample(
                    DocumentVerdict.GOPHER_BULLET_LINES,
                    lines("- item", 5) + lines("• item", 4) + "text",
                    lines("* item", 10)),
            new Sample(
                    DocumentVerdict.GOPHER_ELLIPSIS_LINES,
                    lines("read more...", 3) + lines("text", 7),
                    lines("read more…", 4) + lines("text", 6)),
            new Sample(DocumentVerdict.GOPHER_FEW_ALPHABETIC_WORDS, "1 b2 c d e", "1 2 c d e"),
            new Sample(DocumentVerdict.GOPHER_FEW_STOP_WORDS, "The cat of ours", "The cat, the dog"),
            new Sample(
                    DocumentVerdict.GOPHER_REPEATED_LINES,
                    distinctLines(6) + lines("a", 4),
                    distinctLines(5) + lines("a", 5)),
            new Sample(DocumentVerdict.GOPHER_REPEATED_LINES, repeatedLines(100, 20), repeatedLines(100, 21)),
            new Sample(
                    DocumentVerdict.GOPHER_REPEATED_PARAGRAPHS,
                    paragraphs(distinctLines(6) + lines("a", 4)),
                    paragraphs(distinctLines(5) + lines("a", 5))),
            new Sample(
                    DocumentVerdict.GOPHER_REPEATED_PARAGRAPHS,
                    paragraphs(repeatedLines(100, 20)),
                    paragraphs(repeatedLines(100, 21))),
            new Sample(DocumentVerdict.GOPHER_TOP_SEQUENCE, repeated(2, 10, 100), repeated(2, 11, 100)),
            new Sample(DocumentVerdict.GOPHER_TOP_SEQUENCE, repeated(3, 6, 100), repeated(3, 7, 100)),
            new Sample(DocumentVerdict.GOPHER_TOP_SEQUENCE, repeated(4, 4, 100), repeated(4, 5, 100)),
            repeatedSequence(5, 15),
            repeatedSequence(6, 14),
            repeatedSequence(7, 13),
            repeatedSequence(8, 12),
            repeatedSequence(9, 11),
            repeatedSequence(10, 10));

    private static final List<Sample> FINEWEB = List.of(
            new Sample(
                    DocumentVerdict.FINEWEB_LINE_ENDS,
                    lines("An end.", 13) + lines("no end", 87),
                    lines("An end!", 12) + lines("no end", 88)),
            new Sample(DocumentVerdict.FINEWEB_REPEATED_LINES, repeatedLines(100, 9), repeatedLines(100, 10)),
            new Sample(
                    DocumentVerdict.FINEWEB_SHORT_LINES,
                    lines("x".repeat(29), 66) + lines("x".repeat(30), 34),
                    lines("x".repeat(29), 67) + lines("x".repeat(30), 33)));

    private static String word(int number) {
        return "" + (char) ('a' + number / 17_576 % 26) + (char) ('a' + number / 676 % 26)
                + (char) ('a' + number / 26 % 26) + (char) ('a' + number % 26) + "x";
    }

    private static List<String> words(int count) {
        return IntStream.range(0, count).mapToObj(PublishedRulesTest::word).toList();
    }

    private static String text(int words) {
        return String.join(" ", words(words));
    }

    private static String lines(String line, int count) {
        return (line + "\n").repeat(count);
    }

    private static String distinctLines(int count) {
        StringBuilder lines = new StringBuilder();
        words(count)
                .forEach(word -> lines.append("a long line about ").append(word).append('\n'));
        return lines.toString();
    }

    /// Lines of equal length, of which some repeat others.
    private static String repeatedLines(int count, int repeated) {
        List<String> lines = new ArrayList<>(words(count - repeated));
        lines.addAll(lines.subList(0, repeated));
        return String.join("\n", lines);
    }

    private static String paragraphs(String lines) {
        return lines.replace("\n", "\n\n");
    }

    /// Words of equal length, with a sequence of words that occurs several times, among other words.
    private static String repeated(int length, int times, int count) {
        List<String> fill = words(count).subList(length, count - length * (times - 1));
        List<String> words = new ArrayList<>(fill);
        for (int i = 0; i < times; i++) {
            words.addAll(i * (length + 1), words(count).subList(0, length));
        }
        assertThat(words).hasSize(count);
        return String.join(" ", words);
    }

    private static Sample repeatedSequence(int length, int percent) {
        return new Sample(
                DocumentVerdict.GOPHER_REPEATED_SEQUENCES,
                repeated(length, percent + 1, 100 * length),
                repeated(length, percent + 2, 100 * length));
    }

    private static void check(List<QualityRule> rules, List<Sample> samples) {
        assertThat(rules).hasSameSizeAs(samples);
        for (int i = 0; i < rules.size(); i++) {
            QualityRule rule = rules.get(i);
            assertThat(rule.verdict()).isEqualTo(samples.get(i).verdict());
            assertThat(rule.removes(new TextMeasures(samples.get(i).kept())))
                    .as("rule %s keeps %s", i, rule)
                    .isFalse();
            assertThat(rule.removes(new TextMeasures(samples.get(i).removed())))
                    .as("rule %s removes %s", i, rule)
                    .isTrue();
        }
    }

    private static CleaningOptions only(QualityRules rules) {
        return new CleaningOptions(
                0, 0, 1, List.of(), List.of(rules), EvaluationSets.NONE, false, DuplicateRemoval.NONE, 0.75, false);
    }

    private static DocumentCleaner.Cleaned c4(String text) {
        return new DocumentCleaner(only(QualityRules.C4)).clean(text);
    }

    @Test
    void everyLimitOfGopherIsTheOneThatIsPublished() {
        check(QualityRule.GOPHER, GOPHER);
    }

    @Test
    void everyLimitOfFineWebIsTheOneThatIsPublished() {
        check(QualityRule.FINEWEB, FINEWEB);
    }

    @Test
    void aDocumentIsCountedByTheFirstRuleThatRemovesIt() {
        DocumentCleaner gopher = new DocumentCleaner(only(QualityRules.GOPHER));
        assertThat(gopher.clean("the and " + text(48)).verdict()).isEqualTo(DocumentVerdict.KEPT);
        assertThat(gopher.clean(text(50)).verdict()).isEqualTo(DocumentVerdict.GOPHER_FEW_STOP_WORDS);
        assertThat(gopher.clean(text(49)).verdict()).isEqualTo(DocumentVerdict.GOPHER_FEW_WORDS);
        assertThat(new DocumentCleaner(only(QualityRules.FINEWEB))
                        .clean(lines("no end", 9))
                        .verdict())
                .isEqualTo(DocumentVerdict.FINEWEB_LINE_ENDS);
    }

    @Test
    void c4RemovesPagesByItsPublishedRules() {
        String three = "This line has five words. Here is a second one. And a third!";
        assertThat(c4(three).verdict()).isEqualTo(DocumentVerdict.KEPT);
        assertThat(c4("This line has five words. Here is only a second one.").verdict())
                .isEqualTo(DocumentVerdict.C4_FEW_SENTENCES);
        assertThat(c4(three + "\nint main() {").verdict()).isEqualTo(DocumentVerdict.C4_CURLY_BRACKET);
        assertThat(c4(three + "\nLorem Ipsum dolor sit amet.").verdict()).isEqualTo(DocumentVerdict.C4_LOREM_IPSUM);
    }

    @Test
    void c4RemovesLinesByItsPublishedRules() {
        List<String> kept = List.of(
                "This line has five words.",
                "\"Does the question count too?\"",
                "It was cited by Wikipedia.",
                "It has a word " + "x".repeat(999) + ".");
        List<String> removed = List.of(
                "Only four words here.",
                "A line without an end mark",
                "A line that ends in an ellipsis...",
                "Please enable JavaScript in your browser.",
                "Our site uses cookies, as most sites do.",
                "Please read our privacy policy with care.",
                "It has a word " + "x".repeat(1000) + ".");
        List<String> all = new ArrayList<>(removed);
        all.addAll(kept);
        Collections.rotate(all, 3);
        String text = String.join("\n", all).replace("Wikipedia.", "Wikipedia[12].");
        assertThat(c4(text).text().lines()).containsExactlyInAnyOrderElementsOf(kept);
    }
}
