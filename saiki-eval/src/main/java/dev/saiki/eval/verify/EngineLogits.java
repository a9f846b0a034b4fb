package dev.saiki.eval.verify;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.engine.Engine;
import dev.saiki.engine.ScoreRequest;
import dev.saiki.engine.sampling.NonFiniteException;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import java.util.Arrays;
import java.util.concurrent.CompletionException;

/// A model computed by the engine, with a paged key-value cache, as in `saiki serve`.
public final class EngineLogits implements LogitModel {

    private final Engine engine;

    /// Loads a model.
    ///
    /// @param checkpoint the model
    /// @param options resource limits, and the number format of the weights
    public EngineLogits(CheckpointDirectory checkpoint, EngineOptions options) {
        this.engine = Engine.withoutText(checkpoint, options);
    }

    /// Computes the logits of a text. The engine predicts only tokens that the sequence contains, so a dummy
    /// token is appended, which the model does not read.
    @Override
    public float[] logits(int[] ids) {
        int vocabulary = engine.config().vocabSize();
        float[] all = new float[ids.length * vocabulary];
        Arrays.fill(all, Float.NaN);
        ScoreRequest request = ScoreRequest.builder(Arrays.copyOf(ids, ids.length + 1), RouteSettings.MODEL)
                .lastIsRead(false)
                .watcher(
                        (position, logits) -> System.arraycopy(logits, 0, all, (position - 1) * vocabulary, vocabulary))
                .build();
        try {
            engine.score(request).join();
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof NonFiniteException)) {
                throw e;
            }
        }
        return all;
    }

    @Override
    public void close() {
        engine.close();
    }
}
