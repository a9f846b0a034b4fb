package dev.saiki.eval.tasks;

import dev.saiki.eval.TorchBatchExecutor;
import dev.saiki.model.Continuation;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredContinuation;
import java.util.List;

/// A continuation scorer on LibTorch, in float32, with parallel batches.
public final class TorchContinuationScorer implements ContinuationScorer, AutoCloseable {

    private final TorchBatchExecutor batches;
    private final ScoreOptions options;

    /// Creates a scorer.
    ///
    /// @param weights the model; must outlive the scorer
    /// @param options the routing options
    /// @param batchSize maximum number of continuations in a batch
    /// @param workers number of parallel batches
    public TorchContinuationScorer(ModelWeights weights, ScoreOptions options, int batchSize, int workers) {
        this.batches = new TorchBatchExecutor(weights, batchSize, workers);
        this.options = options;
    }

    @Override
    public List<ScoredContinuation> score(List<Continuation> continuations) {
        return batches.ask(continuations, (scorer, batch) -> scorer.scoreEnds(batch, options));
    }

    /// Waits for running batches, and frees the models.
    @Override
    public void close() {
        batches.close();
    }
}
