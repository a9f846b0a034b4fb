package dev.saiki.cli.training;

import dev.saiki.text.cleaning.CleaningOptions;
import dev.saiki.text.cleaning.DuplicateRemoval;
import picocli.CommandLine.Option;

/// The options for filtering the documents of a corpus.
public final class CleaningFlags {

    @Option(names = "--min-characters", paramLabel = "N", description = "Leave out documents of fewer characters.")
    private int minCharacters = 0;

    @Option(
            names = "--min-letters",
            paramLabel = "F",
            description = "Leave out documents with a smaller share of letters among the characters that are not white"
                    + " space.")
    private double minLetters = 0;

    @Option(
            names = "--max-repeated-lines",
            paramLabel = "F",
            description = "Leave out documents with a larger share of repeated lines.")
    private double maxRepeatedLines = 1;

    @Option(
            names = "--duplicates",
            paramLabel = "KIND",
            description =
                    "Leave out duplicates of earlier documents: none, exact, or near, which includes near-duplicates"
                            + " (default: ${DEFAULT-VALUE}).")
    private DuplicateRemoval duplicates = DuplicateRemoval.NONE;

    @Option(
            names = "--similarity",
            paramLabel = "F",
            description = "With --duplicates near: the minimum share of five-word sequences that two near-duplicates"
                    + " have in common.")
    private double similarity = CleaningOptions.DEFAULT_SIMILARITY;

    CleaningOptions options() {
        return new CleaningOptions(minCharacters, minLetters, maxRepeatedLines, duplicates, similarity);
    }
}
