package dev.saiki.engine.model;

import dev.saiki.engine.kernel.WeightMatrix;
import dev.saiki.engine.kernel.WorkerPool;
import dev.saiki.engine.settings.InputWatcher;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A linear map of rows, with or without a bias.
///
/// @param names names of the tensors of the matrix
/// @param matrix `[out, in]`
/// @param bias `[out]`; null if the map has no bias
/// @param watcher observer of the rows
@SuppressWarnings("ArrayRecordComponent") // Holds weights; never compared.
record LinearMap(List<String> names, WeightMatrix matrix, float @Nullable [] bias, InputWatcher watcher) {

    /// Applies the map to rows.
    ///
    /// @param rows `[n, in]`
    /// @param count number of rows, n
    /// @param products `[n, out]`, overwritten
    void apply(float[] rows, int count, float[] products, WorkerPool workers) {
        watcher.look(names, rows, count);
        matrix.multiply(rows, count, products, workers);
        if (bias != null) {
            addTo(products, count, bias);
        }
    }

    private static void addTo(float[] products, int count, float[] bias) {
        for (int row = 0; row < count; row++) {
            int from = row * bias.length;
            for (int i = 0; i < bias.length; i++) {
                products[from + i] += bias[i];
            }
        }
    }

    /// Returns how many bytes of weights one forward pass reads.
    long bytes() {
        return matrix.bytes() + (bias == null ? 0 : (long) Float.BYTES * bias.length);
    }
}
