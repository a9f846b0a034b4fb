package dev.saiki.text.cleaning;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/// The options of a command line that clean a corpus, on one machine and on a cluster.
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
            names = "--languages",
            paramLabel = "CODE",
            arity = "1..*",
            description = "Leave out documents in other languages than these ISO 639 codes, such as en.")
    private List<String> languages = new ArrayList<>();

    @Option(
            names = "--quality",
            paramLabel = "RULES",
            arity = "1..*",
            description = "Apply published rules for English web text: gopher, c4, fineweb.")
    private List<QualityRules> rules = new ArrayList<>();

    @Option(
            names = "--evaluation-sets",
            paramLabel = "FILE",
            arity = "1..*",
            description = "Leave out documents that share 13 consecutive words with these files (.jsonl, .parquet or"
                    + " text).")
    private List<Path> evaluationSets = new ArrayList<>();

    @Option(
            names = "--mask-personal-data",
            description = "Mask e-mail addresses, public IPv4 addresses and North American telephone numbers.")
    private boolean masksPersonalData = false;

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

    @Option(
            names = "--unique-paragraphs",
            description = "Remove paragraphs (lines of at least 60 characters) that occur earlier in the corpus.")
    private boolean uniqueParagraphs = false;

    /// Creates options with their defaults.
    public CleaningFlags() {}

    /// The rules that the options select.
    ///
    /// @return the rules
    /// @throws dev.saiki.io.InputException if a value is out of its range, or an evaluation set cannot be read
    public CleaningOptions options() {
        return new CleaningOptions(
                minCharacters,
                minLetters,
                maxRepeatedLines,
                languages,
                rules,
                EvaluationSets.of(evaluationSets),
                masksPersonalData,
                duplicates,
                similarity,
                uniqueParagraphs);
    }
}
