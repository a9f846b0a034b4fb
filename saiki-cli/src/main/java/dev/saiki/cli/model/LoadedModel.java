package dev.saiki.cli.model;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.EffortRange;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.io.InputException;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.nio.file.Path;

/// A checkpoint ready for use: its weights in memory, and its tokenizer if requested.
public record LoadedModel(CheckpointDirectory checkpoint, ModelWeights weights, TeacherForcedScorer scorer)
        implements AutoCloseable {

    /// Loads a checkpoint folder.
    public static LoadedModel open(Path folder, Precision precision) {
        return open(CheckpointDirectory.open(folder), precision);
    }

    /// Loads a checkpoint.
    public static LoadedModel open(CheckpointDirectory checkpoint, Precision precision) {
        ModelWeights weights = ModelWeights.load(checkpoint);
        try {
            return new LoadedModel(checkpoint, weights, new TeacherForcedScorer(weights, precision));
        } catch (RuntimeException | Error e) {
            weights.close();
            throw e;
        }
    }

    public ModelConfig config() {
        return checkpoint.config();
    }

    /// Returns the checkpoint's tokenizer, after checking that all its ids are in the model's vocabulary.
    public Tokenizer tokenizer() {
        return tokenizerOf(checkpoint);
    }

    /// Returns the tokenizer of a checkpoint that is not loaded, after checking that all its ids are in the
    /// model's vocabulary.
    public static Tokenizer tokenizerOf(CheckpointDirectory checkpoint) {
        Path file = checkpoint.tokenizer();
        Tokenizer tokenizer = Tokenizer.load(file);
        int known = checkpoint.config().vocabSize();
        InputException.require(
                tokenizer.vocabSize() <= known,
                file.toString(),
                "the vocabulary",
                "at most the model's " + known + " tokens (config.json: vocab_size)",
                tokenizer.vocabSize());
        return tokenizer;
    }

    /// Checks the effort of a request: it must be NaN for no effort, or within the range of this model's
    /// training.
    public void requireEffort(double effort) {
        requireEffort(effort, config());
    }

    /// Checks the effort of a request for a model that is not loaded yet.
    public static void requireEffort(double effort, ModelConfig config) {
        if (!Double.isNaN(effort)) {
            EffortRange.require(config, "--effort", effort);
        }
    }

    @Override
    public void close() {
        scorer.close();
        weights.close();
    }
}
