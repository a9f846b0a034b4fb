package dev.saiki.engine.model;

import dev.saiki.engine.kernel.WeightMatrix;
import dev.saiki.engine.kernel.WorkerPool;

/// A low-rank update of some outputs of a linear map: y += x · Aᵀ · Bᵀ, the factor being in B.
///
/// @param a `[rank, in]`
/// @param b `[out, rank]`
/// @param firstOutput the first of the map's outputs that it changes
record LowRankMap(WeightMatrix a, WeightMatrix b, int firstOutput) {

    /// Adds the update.
    ///
    /// @param rows `[n, in]`
    /// @param count n
    /// @param products of the map, `[rows of the batch, outputs]`
    /// @param firstRow the batch's row that is the first of these
    /// @param outputs of the map
    /// @param workers share the work
    void addTo(float[] rows, int count, float[] products, int firstRow, int outputs, WorkerPool workers) {
        float[] low = new float[count * a.outputs()];
        float[] change = new float[count * b.outputs()];
        a.multiply(rows, count, low, workers);
        b.multiply(low, count, change, workers);
        for (int row = 0; row < count; row++) {
            int to = (firstRow + row) * outputs + firstOutput;
            int from = row * b.outputs();
            for (int i = 0; i < b.outputs(); i++) {
                products[to + i] += change[from + i];
            }
        }
    }

    long bytes() {
        return a.bytes() + b.bytes();
    }
}
