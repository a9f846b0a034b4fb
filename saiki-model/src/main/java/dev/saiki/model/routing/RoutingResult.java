package dev.saiki.model.routing;

import dev.saiki.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/// The result of the recursion, or of the whole model, on a batch.
///
/// @param hidden `[B · T, hidden]`, every token's state after its last recursion
/// @param depths recursions of each token, row by row
/// @param losses the router's losses, all zero if not requested
/// @param counts the counts for routing statistics
/// @param candidateLogits the router's logits of all candidates of each step that was reached, in training by
///     threshold; otherwise empty
/// @param trace the router's decisions, if requested
public record RoutingResult(
        Tensor hidden,
        TokenDepths depths,
        RoutingLosses losses,
        RoutingStatistics.Counts counts,
        List<float[]> candidateLogits,
        Optional<RouterTrace> trace) {

    /// Copies the result with other states.
    ///
    /// @param states `[B · T, hidden]`
    /// @return the copy
    public RoutingResult withHidden(Tensor states) {
        return new RoutingResult(states, depths, losses, counts, candidateLogits, trace);
    }
}
