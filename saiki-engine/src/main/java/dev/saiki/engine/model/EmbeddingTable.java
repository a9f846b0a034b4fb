package dev.saiki.engine.model;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.engine.kernel.WeightMatrix;
import org.jspecify.annotations.Nullable;

/// The token embeddings, which are read from the checkpoint row by row.
///
/// @param table `[V, width]`, in the checkpoint's own format
/// @param width the width of a row
/// @param projection `[hidden, width]`, which maps a row to a state; null if rows are as wide as states
record EmbeddingTable(
        StoredTensor table, int width, @Nullable WeightMatrix projection) {

    static EmbeddingTable of(StoredTensor table, @Nullable WeightMatrix projection) {
        return new EmbeddingTable(table, table.shape().getLast().intValue(), projection);
    }

    /// Copies the row of a token.
    ///
    /// @param id the token
    /// @param rows array that receives the row
    /// @param from index in `rows` of the row's first number
    void copyTo(int id, float[] rows, int from) {
        table.copyTo((long) id * width, rows, from, width);
    }

    /// Releases the file's pages from memory; otherwise, the reads of single rows would gradually load the
    /// whole table. The release is a system call, so it is made once for all rows that are copied together.
    void dropPages() {
        table.unload();
    }

    /// Returns the memory of the projection.
    long projectionBytes() {
        return projection == null ? 0 : projection.bytes();
    }
}
