package dev.saiki.eval.verify;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.TeacherForcedScorer;
import java.util.List;

/// A model computed by LibTorch, which processes the whole text in one pass.
public final class TorchLogits implements LogitModel {

    private final ModelWeights weights;
    private final TeacherForcedScorer scorer;

    /// Loads a model.
    ///
    /// @param checkpoint the model
    /// @param precision number format of the weights and of the computation
    public TorchLogits(CheckpointDirectory checkpoint, Precision precision) {
        this.weights = ModelWeights.load(checkpoint);
        try {
            this.scorer = new TeacherForcedScorer(weights, precision);
        } catch (RuntimeException | Error e) {
            weights.close();
            throw e;
        }
    }

    @Override
    public float[] logits(int[] ids) {
        return scorer.logits(List.of(ids), ScoreOptions.CAUSAL);
    }

    @Override
    public void close() {
        scorer.close();
        weights.close();
    }
}
