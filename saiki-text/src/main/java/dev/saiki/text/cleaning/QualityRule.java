package dev.saiki.text.cleaning;

import java.util.List;
import java.util.function.ToDoubleFunction;

/// A limit on a measure of a text.
///
/// @param verdict the verdict on a text beyond the limit
/// @param measure the measure
/// @param beyond the side of the limit on which texts are removed
/// @param limit the published limit
record QualityRule(DocumentVerdict verdict, ToDoubleFunction<TextMeasures> measure, Beyond beyond, double limit) {

    /// The rules of {@link QualityRules#GOPHER}. Section A.1.1 gives the limits up to the stop words, table A1 the
    /// limits on repetition.
    static final List<QualityRule> GOPHER = List.of(
            new QualityRule(DocumentVerdict.GOPHER_FEW_WORDS, TextMeasures::words, Beyond.BELOW, 50),
            new QualityRule(DocumentVerdict.GOPHER_MANY_WORDS, TextMeasures::words, Beyond.ABOVE, 100_000),
            new QualityRule(DocumentVerdict.GOPHER_SHORT_WORDS, TextMeasures::meanWordLength, Beyond.BELOW, 3),
            new QualityRule(DocumentVerdict.GOPHER_LONG_WORDS, TextMeasures::meanWordLength, Beyond.ABOVE, 10),
            new QualityRule(DocumentVerdict.GOPHER_HASHES, text -> text.perWord("#"), Beyond.ABOVE, 0.1),
            new QualityRule(DocumentVerdict.GOPHER_ELLIPSES, text -> text.perWord("...", "…"), Beyond.ABOVE, 0.1),
            new QualityRule(
                    DocumentVerdict.GOPHER_BULLET_LINES,
                    text -> text.lines(line -> "•‣◦▪*-".indexOf(line.charAt(0)) >= 0),
                    Beyond.ABOVE,
                    0.9),
            new QualityRule(
                    DocumentVerdict.GOPHER_ELLIPSIS_LINES,
                    text -> text.lines(line -> line.endsWith("...") || line.endsWith("…")),
                    Beyond.ABOVE,
                    0.3),
            new QualityRule(
                    DocumentVerdict.GOPHER_FEW_ALPHABETIC_WORDS, TextMeasures::alphabeticWords, Beyond.BELOW, 0.8),
            new QualityRule(DocumentVerdict.GOPHER_FEW_STOP_WORDS, TextMeasures::stopWords, Beyond.BELOW, 2),
            new QualityRule(DocumentVerdict.GOPHER_REPEATED_LINES, TextMeasures::repeatedLines, Beyond.ABOVE, 0.3),
            new QualityRule(
                    DocumentVerdict.GOPHER_REPEATED_LINES, TextMeasures::charactersInRepeatedLines, Beyond.ABOVE, 0.2),
            new QualityRule(
                    DocumentVerdict.GOPHER_REPEATED_PARAGRAPHS, TextMeasures::repeatedParagraphs, Beyond.ABOVE, 0.3),
            new QualityRule(
                    DocumentVerdict.GOPHER_REPEATED_PARAGRAPHS,
                    TextMeasures::charactersInRepeatedParagraphs,
                    Beyond.ABOVE,
                    0.2),
            topSequence(2, 0.2),
            topSequence(3, 0.18),
            topSequence(4, 0.16),
            repeatedSequences(5, 0.15),
            repeatedSequences(6, 0.14),
            repeatedSequences(7, 0.13),
            repeatedSequences(8, 0.12),
            repeatedSequences(9, 0.11),
            repeatedSequences(10, 0.1));

    /// The rules of {@link QualityRules#FINEWEB}.
    static final List<QualityRule> FINEWEB = List.of(
            new QualityRule(
                    DocumentVerdict.FINEWEB_LINE_ENDS,
                    text -> text.lines(line -> ".!?\"'”’".indexOf(line.charAt(line.length() - 1)) >= 0),
                    Beyond.AT_MOST,
                    0.12),
            new QualityRule(
                    DocumentVerdict.FINEWEB_REPEATED_LINES,
                    TextMeasures::charactersInRepeatedLines,
                    Beyond.AT_LEAST,
                    0.1),
            new QualityRule(
                    DocumentVerdict.FINEWEB_SHORT_LINES,
                    text -> text.lines(line -> line.length() < 30),
                    Beyond.AT_LEAST,
                    0.67));

    /// The side of a limit on which texts are removed.
    enum Beyond {
        /// Below the limit.
        BELOW,
        /// Below the limit or at it.
        AT_MOST,
        /// At the limit or above it.
        AT_LEAST,
        /// Above the limit.
        ABOVE
    }

    private static QualityRule topSequence(int words, double limit) {
        return new QualityRule(
                DocumentVerdict.GOPHER_TOP_SEQUENCE, text -> text.topSequence(words), Beyond.ABOVE, limit);
    }

    private static QualityRule repeatedSequences(int words, double limit) {
        return new QualityRule(
                DocumentVerdict.GOPHER_REPEATED_SEQUENCES, text -> text.repeatedSequences(words), Beyond.ABOVE, limit);
    }

    /// Whether a text is removed.
    boolean removes(TextMeasures text) {
        double value = measure.applyAsDouble(text);
        return switch (beyond) {
            case BELOW -> value < limit;
            case AT_MOST -> value <= limit;
            case AT_LEAST -> value >= limit;
            case ABOVE -> value > limit;
        };
    }
}
