package dev.saiki.spark;

import dev.saiki.text.cleaning.CleaningFlags;
import dev.saiki.text.cleaning.CleaningOptions;
import dev.saiki.text.corpus.Corpus;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options that select a corpus, clean it and distribute it over tasks.
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

    @Mixin
    private CleaningFlags cleaning = new CleaningFlags();

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Maximum number of tasks that read files; 0 for one task per part (default). This number does not"
                            + " change the result.")
    private int partitions;

    @Option(
            names = "--part-bytes",
            paramLabel = "N",
            defaultValue = "" + CorpusInput.DEFAULT_PART_BYTES,
            description = "Divide longer JSON Lines files that are not compressed into parts of this size (default:"
                    + " ${DEFAULT-VALUE}). This number does not change the result.")
    private long partBytes;

    CorpusInput input() {
        return new CorpusInput(paths, textField, partBytes, partitions);
    }

    CleaningOptions cleaning() {
        return cleaning.options();
    }
}
