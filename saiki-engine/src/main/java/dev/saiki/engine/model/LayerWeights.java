package dev.saiki.engine.model;

import dev.saiki.engine.kernel.WeightMatrix;

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

    long bytes() {
        return query.bytes()
                + keyValue.bytes()
                + output.bytes()
                + gateUp.bytes()
                + down.bytes()
                + (long) Float.BYTES * (attentionNorm.length + feedForwardNorm.length);
    }
}
