package dev.saiki.benchmarks;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.load.PromptSource;
import dev.saiki.text.corpus.Corpus;
import java.nio.file.Path;
import java.util.List;

/// The text for prompts of a soak test: files or folders named by the environment variable `CORPUS`, or else the
/// built-in corpus.
final class SoakText {

    private SoakText() {}

    /// Returns prompts for a model; random tokens if the model has no tokenizer.
    static PromptSource prompts(CheckpointDirectory model) {
        String named = System.getenv("CORPUS");
        return PromptSource.of(
                model, named == null || named.isEmpty() ? Corpus.builtIn() : Corpus.of(List.of(Path.of(named))));
    }
}
