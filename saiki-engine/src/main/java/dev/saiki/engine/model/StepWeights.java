package dev.saiki.engine.model;

import dev.saiki.engine.kernel.LowRankMatrix;
import java.util.List;

/// The separate weights of one recursion step in one layer.
///
/// @param attentionNorm `[hidden]`; the layer's norm if the step has no separate norm
/// @param query updates of the query map
/// @param keyValue updates of the key and value map
/// @param output updates of the output map
/// @param feedForwardNorm `[hidden]`; the layer's norm if the step has no separate norm
/// @param gateUp updates of the gate and up map
/// @param down updates of the down map
@SuppressWarnings("ArrayRecordComponent") // Holds weights; never compared.
record StepWeights(
        float[] attentionNorm,
        List<LowRankMatrix> query,
        List<LowRankMatrix> keyValue,
        List<LowRankMatrix> output,
        float[] feedForwardNorm,
        List<LowRankMatrix> gateUp,
        List<LowRankMatrix> down) {

    StepWeights {
        query = List.copyOf(query);
        keyValue = List.copyOf(keyValue);
        output = List.copyOf(output);
        gateUp = List.copyOf(gateUp);
        down = List.copyOf(down);
    }

    /// A step without separate weights.
    static StepWeights shared(float[] attentionNorm, float[] feedForwardNorm) {
        return new StepWeights(attentionNorm, List.of(), List.of(), List.of(), feedForwardNorm, List.of(), List.of());
    }

    /// Returns how many bytes of weights one forward pass reads in addition to the layer's.
    long bytes() {
        return List.of(query, keyValue, output, gateUp, down).stream()
                        .flatMap(List::stream)
                        .mapToLong(LowRankMatrix::bytes)
                        .sum()
                + (long) Float.BYTES * (attentionNorm.length + feedForwardNorm.length);
    }
}
