package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.NormPlace;
import dev.saiki.engine.kernel.LowRankMatrix;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The separate weights of one recursion step in one layer.
///
/// @param norms the norm of each place at which the layer has one; the layer's if the step has no separate norm
/// @param query updates of the query map
/// @param keyValue updates of the key and value map
/// @param output updates of the output map
/// @param gateUp updates of the gate and up map
/// @param down updates of the down map
record StepWeights(
        Map<NormPlace, EngineNorm> norms,
        List<LowRankMatrix> query,
        List<LowRankMatrix> keyValue,
        List<LowRankMatrix> output,
        List<LowRankMatrix> gateUp,
        List<LowRankMatrix> down) {

    /// A step without separate weights.
    static StepWeights shared(Map<NormPlace, EngineNorm> norms) {
        return new StepWeights(norms, List.of(), List.of(), List.of(), List.of(), List.of());
    }

    /// The norm at a place at which the layer has one.
    EngineNorm norm(NormPlace place) {
        return Objects.requireNonNull(norms.get(place));
    }

    /// Returns how many bytes of weights one forward pass reads in addition to the layer's.
    long bytes() {
        return List.of(query, keyValue, output, gateUp, down).stream()
                        .flatMap(List::stream)
                        .mapToLong(LowRankMatrix::bytes)
                        .sum()
                + norms.values().stream().mapToLong(EngineNorm::bytes).sum();
    }
}
