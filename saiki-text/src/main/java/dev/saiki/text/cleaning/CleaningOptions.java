package dev.saiki.text.cleaning;

import dev.saiki.io.InputException;
import java.io.Serializable;
import java.util.List;

/// Options for removing documents, and parts of them, from a corpus.
///
/// @param minCharacters the minimum number of characters in a document
/// @param minLetters the minimum share of letters among non-white-space characters, from 0 to 1
/// @param maxRepeatedLines the maximum share of lines that repeat an earlier line of the document, from 0 to
///     1; blank lines do not count
/// @param languages the languages of kept documents, as ISO 639 codes; empty for all
/// @param rules the published rules to apply
/// @param evaluation the evaluation sets that must not occur in a document
/// @param masksPersonalData whether e-mail addresses, public IP addresses and telephone numbers are masked
/// @param duplicates the kinds of duplicates that are removed
/// @param similarity the minimum similarity of near-duplicates, from 0.5 to 1: the number of five-word runs that
///     occur in both documents, divided by the number that occur in at least one
/// @param uniqueParagraphs whether paragraphs that occur earlier in the corpus are removed
public record CleaningOptions(
        int minCharacters,
        double minLetters,
        double maxRepeatedLines,
        List<String> languages,
        List<QualityRules> rules,
        EvaluationSets evaluation,
        boolean masksPersonalData,
        DuplicateRemoval duplicates,
        double similarity,
        boolean uniqueParagraphs)
        implements Serializable {

    /// The default similarity of near-duplicates.
    public static final double DEFAULT_SIMILARITY = 0.75;

    /// Removes nothing.
    public static final CleaningOptions NOTHING =
            new CleaningOptions(0, 0, 1, DuplicateRemoval.NONE, DEFAULT_SIMILARITY);

    /// Checks the ranges, and puts languages and rules in order.
    ///
    /// @throws InputException if a number is out of its range, or a language is unknown
    public CleaningOptions {
        InputException.requireAtLeast("data: min_characters", minCharacters, 0);
        requireWithin("min_letters", minLetters, 0);
        requireWithin("max_repeated_lines", maxRepeatedLines, 0);
        requireWithin("similarity", similarity, 0.5);
        languages = languages.stream()
                .map(LanguageIdentifier::known)
                .distinct()
                .sorted()
                .toList();
        rules = rules.stream().distinct().sorted().toList();
    }

    /// Options for removing short or repetitive documents and duplicates.
    ///
    /// @param minCharacters the minimum number of characters in a document
    /// @param minLetters the minimum share of letters among non-white-space characters
    /// @param maxRepeatedLines the maximum share of lines that repeat an earlier line of the document
    /// @param duplicates which duplicates are removed
    /// @param similarity the smallest similarity of near-duplicates
    /// @throws InputException if a number is out of its range
    public CleaningOptions(
            int minCharacters,
            double minLetters,
            double maxRepeatedLines,
            DuplicateRemoval duplicates,
            double similarity) {
        this(
                minCharacters,
                minLetters,
                maxRepeatedLines,
                List.of(),
                List.of(),
                EvaluationSets.NONE,
                false,
                duplicates,
                similarity,
                false);
    }

    private static void requireWithin(String name, double value, double least) {
        InputException.require(value >= least && value <= 1, "data", name, "from " + least + " to 1", value);
    }

    /// Whether documents are compared; if so, all documents must be read before the first document can be kept.
    ///
    /// @return true unless duplicates are kept
    public boolean comparesDocuments() {
        return duplicates != DuplicateRemoval.NONE || uniqueParagraphs;
    }
}
