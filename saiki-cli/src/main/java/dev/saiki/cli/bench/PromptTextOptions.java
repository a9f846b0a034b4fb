package dev.saiki.cli.bench;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.load.PromptSource;
import dev.saiki.cli.model.TextFieldOption;
import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Corpus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options for the text from which prompts are cut.
final class PromptTextOptions {

    @Option(names = "--corpus", paramLabel = "PATH", arity = "1..*")
    private List<Path> paths = new ArrayList<>();

    @Mixin
    private TextFieldOption field = new TextFieldOption();

    /// The corpus of the option, or the built-in one.
    Corpus corpus() {
        return paths.isEmpty() ? Corpus.builtIn() : field.corpus(paths);
    }

    /// Prompts for a model.
    PromptSource prompts(CheckpointDirectory model) {
        if (!paths.isEmpty() && !model.hasTokenizer()) {
            throw new InputException("--corpus needs a tokenizer, and " + model.path() + " has none");
        }
        return PromptSource.of(model, corpus());
    }
}
