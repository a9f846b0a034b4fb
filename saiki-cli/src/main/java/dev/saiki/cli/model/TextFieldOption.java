package dev.saiki.cli.model;

import dev.saiki.text.corpus.Corpus;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/// The option that names the text field of structured files.
public final class TextFieldOption {

    @Option(names = "--text-field", paramLabel = "NAME")
    private String name = Corpus.TEXT_FIELD;

    /// The corpus of files, folders or globs.
    public Corpus corpus(List<Path> paths) {
        return Corpus.of(paths, name);
    }
}
