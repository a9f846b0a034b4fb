package dev.saiki.cli.training;

import dev.saiki.text.cleaning.CleaningOptions;
import dev.saiki.text.cleaning.DuplicateRemoval;
import picocli.CommandLine.Option;

/// The options for filtering the documents of a corpus.
public final class CleaningFlags {

    @Option(
            names = "--min-characters",
            paramLabel = "N",
            description = "Leave out documents of fewer characters (default: ${DEFAULT-VALUE}).")
    private int minCharacters = 0;

    @Option(
            names = "--min-letters",
            paramLabel = "F",
            description = "Leave out documents with a smaller share of letters among what is no white space"
                    + " (default: 0).")
    private double minLetters = 0;

    @Option(
            names = "--max-repeated-lines",
            paramLabel = "F",
            description = "Leave out documents of whose lines a larger share stands in them before" + " (default: 1).")
    private double maxRepeatedLines = 1;

    @Option(
            names = "--duplicates",
            paramLabel = "KIND",
            description = "Leave out copies of documents before: none, exact, or near for near-duplicates too"
                    + " (default: ${DEFAULT-VALUE}).")
    private DuplicateRemoval duplicates = DuplicateRemoval.NONE;

    @Option(
            names = "--similarity",
            paramLabel = "F",
            description = "With --duplicates near: the share of runs of five words that two near-duplicates have in"
                    + " common, at least (default: ${DEFAULT-VALUE}).")
    private double similarity = CleaningOptions.DEFAULT_SIMILARITY;

    CleaningOptions options() {
        return new CleaningOptions(minCharacters, minLetters, maxRepeatedLines, duplicates, similarity);
    }
}
