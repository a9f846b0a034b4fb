package dev.saiki.cli.training;

import dev.saiki.cli.model.TextFieldOption;
import dev.saiki.text.corpus.Corpus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options that name a corpus.
public final class CorpusOptions {

    @Option(names = "--corpus", paramLabel = "PATH", arity = "1..*", required = true)
    private List<Path> paths = new ArrayList<>();

    @Mixin
    private TextFieldOption field = new TextFieldOption();

    /// The corpus of the options.
    public Corpus corpus() {
        return field.corpus(paths);
    }
}
