package dev.saiki.engine.model;

import dev.saiki.engine.kernel.WeightMatrix;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/// The weights of one unique layer.
///
/// @param attentionNorm `[hidden]`
/// @param query `[H · K, hidden]`
/// @param keyValue `[2 · G · K, hidden]`, keys above values
/// @param output `[hidden, H · K]`
/// @param feedForwardNorm `[hidden]`
/// @param gateUp `[2 · inner, hidden]`, gate above up
/// @param down `[hidden, inner]`
@SuppressWarnings("ArrayRecordComponent") // A carrier of weights that nothing compares.
record LayerWeights(
        float[] attentionNorm,
        WeightMatrix query,
        WeightMatrix keyValue,
        WeightMatrix output,
        float[] feedForwardNorm,
        WeightMatrix gateUp,
        WeightMatrix down) {

    /// Counts the weights that one run reads.
    long bytes() {
        return sum(WeightMatrix::bytes);
    }

    /// Counts the memory of the weights.
    long heldBytes() {
        return sum(WeightMatrix::heldBytes);
    }

    private long sum(ToLongFunction<WeightMatrix> bytes) {
        long norms = (long) Float.BYTES * (attentionNorm.length + feedForwardNorm.length);
        return norms
                + Stream.of(query, keyValue, output, gateUp, down)
                        .mapToLong(bytes)
                        .sum();
    }
}
