package dev.saiki.benchmarks;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.load.PromptSource;
import dev.saiki.text.corpus.Corpus;
import java.nio.file.Path;
import java.util.List;

/// The text that the prompts of a long load are cut out of: files or folders that the variable `CORPUS` of the
/// environment names, or else the built-in corpus.
final class SoakText {

    private SoakText() {}

    /// Returns prompts for a model; of random tokens if it has no tokenizer.
    static PromptSource prompts(CheckpointDirectory model) {
        String named = System.getenv("CORPUS");
        return PromptSource.of(
                model, named == null || named.isEmpty() ? Corpus.builtIn() : Corpus.of(List.of(Path.of(named))));
    }
}
