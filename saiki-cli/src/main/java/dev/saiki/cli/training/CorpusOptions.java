package dev.saiki.cli.training;

import dev.saiki.text.corpus.Corpus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/// The options that name a corpus.
public final class CorpusOptions {

    @Option(
            names = "--corpus",
            paramLabel = "PATH",
            arity = "1..*",
            required = true,
            description = "Files, folders or globs: .txt, .md, .jsonl (also .gz, .zst), .parquet.")
    private List<Path> paths = new ArrayList<>();

    @Option(
            names = "--text-field",
            paramLabel = "NAME",
            defaultValue = Corpus.TEXT_FIELD,
            description = "Field of JSONL or column of Parquet that holds the text (default: ${DEFAULT-VALUE}).")
    private String textField = Corpus.TEXT_FIELD;

    /// The corpus of the options.
    public Corpus corpus() {
        return Corpus.of(paths, textField);
    }
}
