package dev.saiki.spark;

import dev.saiki.text.cleaning.CleaningOptions;
import dev.saiki.text.cleaning.DuplicateRemoval;
import dev.saiki.text.corpus.Corpus;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/// The options that select a corpus and clean it, named as in the command `saiki`.
final class CorpusFlags {

    @Option(
            names = "--corpus",
            paramLabel = "PATH",
            arity = "1..*",
            required = true,
            description =
                    "Files, folders or globs that all machines can read: .txt, .md, .jsonl (also .gz, .zst), .parquet.")
    private List<String> paths = new ArrayList<>();

    @Option(
            names = "--text-field",
            paramLabel = "NAME",
            defaultValue = Corpus.TEXT_FIELD,
            description = "Field of JSONL or column of Parquet that holds the text (default: ${DEFAULT-VALUE}).")
    private String textField = Corpus.TEXT_FIELD;

    @Option(
            names = "--min-characters",
            paramLabel = "N",
            defaultValue = "0",
            description = "Leave out documents of fewer characters.")
    private int minCharacters;

    @Option(
            names = "--min-letters",
            paramLabel = "F",
            defaultValue = "0",
            description = "Leave out documents with a smaller share of letters among the characters that are not white"
                    + " space.")
    private double minLetters;

    @Option(
            names = "--max-repeated-lines",
            paramLabel = "F",
            defaultValue = "1",
            description = "Leave out documents with a larger share of repeated lines.")
    private double maxRepeatedLines;

    @Option(
            names = "--duplicates",
            paramLabel = "KIND",
            defaultValue = "none",
            description =
                    "Leave out duplicates of earlier documents: none, exact, or near, which includes near-duplicates"
                            + " (default: ${DEFAULT-VALUE}).")
    private DuplicateRemoval duplicates = DuplicateRemoval.NONE;

    @Option(
            names = "--similarity",
            paramLabel = "F",
            defaultValue = "" + CleaningOptions.DEFAULT_SIMILARITY,
            description = "Minimum similarity of near-duplicates (default: ${DEFAULT-VALUE}).")
    private double similarity;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Maximum number of tasks that read files; 0 for one task per file (default). This number does not"
                            + " change the result.")
    private int partitions;

    List<String> paths() {
        return List.copyOf(paths);
    }

    String textField() {
        return textField;
    }

    int partitions() {
        return partitions;
    }

    CleaningOptions cleaning() {
        return new CleaningOptions(minCharacters, minLetters, maxRepeatedLines, duplicates, similarity);
    }
}
