package dev.saiki.cli.training;

import dev.saiki.text.cleaning.CleaningOptions;
import dev.saiki.text.cleaning.DuplicateRemoval;
import picocli.CommandLine.Option;

/// The options for filtering the documents of a corpus.
public final class CleaningFlags {

    @Option(names = "--min-characters", paramLabel = "N")
    private int minCharacters = 0;

    @Option(names = "--min-letters", paramLabel = "F")
    private double minLetters = 0;

    @Option(names = "--max-repeated-lines", paramLabel = "F")
    private double maxRepeatedLines = 1;

    @Option(names = "--duplicates", paramLabel = "KIND")
    private DuplicateRemoval duplicates = DuplicateRemoval.NONE;

    @Option(names = "--similarity", paramLabel = "F")
    private double similarity = CleaningOptions.DEFAULT_SIMILARITY;

    CleaningOptions options() {
        return new CleaningOptions(minCharacters, minLetters, maxRepeatedLines, duplicates, similarity);
    }
}
