package dev.saiki.engine.model;

import dev.saiki.engine.kernel.WeightMatrix;
import dev.saiki.engine.kernel.WorkerPool;
import org.jspecify.annotations.Nullable;

/// The head: what scores the vocabulary.
///
/// @param table `[V, width]`
/// @param projection `[width, hidden]`, which makes of states what the table reads, if that is a narrower embedding
record Head(WeightMatrix table, @Nullable WeightMatrix projection) {

    /// Scores the vocabulary.
    ///
    /// @param states `[n, hidden]`
    /// @param count n
    /// @param logits `[n, V]`, overwritten
    void multiply(float[] states, int count, float[] logits, WorkerPool workers, FlopCounter flops) {
        float[] read = states;
        if (projection != null) {
            read = new float[count * projection.outputs()];
            projection.multiply(states, count, read, workers);
            flops.head(count, projection.inputs(), projection.outputs());
        }
        table.multiply(read, count, logits, workers);
        flops.head(count, table.inputs(), table.outputs());
    }

    /// Counts the weights that one run reads.
    long bytes() {
        return table.bytes() + (projection == null ? 0 : projection.bytes());
    }

    /// Counts the memory of the weights.
    long heldBytes() {
        return table.heldBytes() + (projection == null ? 0 : projection.heldBytes());
    }
}
