package dev.saiki.engine.model;

import dev.saiki.engine.kernel.LowRankMatrix;
import java.util.List;

/// The weights that one recursion step has of its own in one layer.
///
/// @param attentionNorm `[hidden]`; the layer's if the step has none
/// @param query updates of the query map
/// @param keyValue updates of the key and value map
/// @param output updates of the output map
/// @param feedForwardNorm `[hidden]`; the layer's if the step has none
/// @param gateUp updates of the gate and up map
/// @param down updates of the down map
@SuppressWarnings("ArrayRecordComponent") // A carrier of weights that nothing compares.
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

    /// A step that has nothing of its own.
    static StepWeights shared(float[] attentionNorm, float[] feedForwardNorm) {
        return new StepWeights(attentionNorm, List.of(), List.of(), List.of(), feedForwardNorm, List.of(), List.of());
    }

    /// Counts what one run reads beside the layer's own.
    long bytes() {
        return List.of(query, keyValue, output, gateUp, down).stream()
                        .flatMap(List::stream)
                        .mapToLong(LowRankMatrix::bytes)
                        .sum()
                + (long) Float.BYTES * (attentionNorm.length + feedForwardNorm.length);
    }
}
