package dev.saiki.engine.model;

import dev.saiki.engine.kernel.SoftCap;
import dev.saiki.engine.kernel.WeightMatrix;
import dev.saiki.engine.kernel.WorkerPool;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// The head of a model, which computes the logits of the vocabulary.
///
/// @param table `[V, width]`
/// @param projection `[width, hidden]`, which maps states to the width of a narrower embedding; null if the
///     embedding is as wide as the states
/// @param cap the bound of the logits; empty for none
record Head(WeightMatrix table, @Nullable WeightMatrix projection, OptionalDouble cap) {

    /// Computes the logits of the vocabulary.
    ///
    /// @param states `[n, hidden]`
    /// @param count number of rows, n
    /// @param logits `[n, V]`, overwritten
    void multiply(float[] states, int count, float[] logits, WorkerPool workers, FlopCounter flops) {
        float[] read = states;
        if (projection != null) {
            read = new float[count * projection.outputs()];
            projection.multiply(states, count, read, workers);
            flops.head(count, projection.inputs(), projection.outputs());
        }
        table.multiply(read, count, logits, workers);
        cap.ifPresent(bound -> SoftCap.inPlace(logits, 0, count * table.outputs(), 1, (float) bound));
        flops.head(count, table.inputs(), table.outputs());
    }

    /// Returns how many bytes of weights one forward pass reads.
    long bytes() {
        return table.bytes() + (projection == null ? 0 : projection.bytes());
    }
}
