package dev.saiki.engine.model;

import static dev.saiki.engine.kernel.RowKernels.ROWS;

import dev.saiki.checkpoint.config.QueryKeyNorm;

/// The norms of a layer's queries and keys, applied before rotation. H is the number of query heads, G the number
/// of key-value heads, and K the width of a head.
///
/// @param kind whether each head or the whole projection is normalised
/// @param query `[K]` or `[H · K]`
/// @param key `[K]` or `[G · K]`
@SuppressWarnings("ArrayRecordComponent") // Holds weights; never compared.
record HeadNorms(QueryKeyNorm kind, float[] query, float[] key) {

    /// Normalises the queries of a row in place.
    ///
    /// @param numbers `[n, heads · K]`
    /// @param row index of the row
    /// @param heads number of query heads
    /// @param headDim width of a head, K
    void normaliseQueries(float[] numbers, int row, int heads, int headDim, double eps) {
        normalise(numbers, row * heads, heads, heads, headDim, query, eps);
    }

    /// Normalises the keys of a row in place.
    ///
    /// @param numbers `[n, 2 · heads · K]`, keys before values
    /// @param row index of the row
    /// @param heads number of key-value heads
    /// @param headDim width of a head, K
    void normaliseKeys(float[] numbers, int row, int heads, int headDim, double eps) {
        normalise(numbers, row * 2 * heads, 2 * heads, heads, headDim, key, eps);
    }

    /// Normalises the first heads of one row; the row may have further heads.
    private void normalise(
            float[] numbers, int firstHead, int rowHeads, int heads, int headDim, float[] weight, double eps) {
        switch (kind) {
            case NONE -> {}
            case EACH_HEAD -> ROWS.normalise(numbers, firstHead, heads, headDim, weight, eps, numbers);
            case WHOLE_PROJECTION -> {
                // A row with more heads is treated as several rows of the norm's width, of which only the first is
                // normalised.
                int row = firstHead / rowHeads * (rowHeads / heads);
                ROWS.normalise(numbers, row, 1, heads * headDim, weight, eps, numbers);
            }
        }
    }

    /// Returns the bytes of the weights.
    long bytes() {
        return (long) Float.BYTES * (query.length + key.length);
    }
}
