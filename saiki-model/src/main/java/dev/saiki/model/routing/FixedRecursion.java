package dev.saiki.model.routing;

import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// A recursion without a router: every token takes every step within the depth limit, but a token with a forced
/// depth keeps its state after that many steps.
public final class FixedRecursion {

    private FixedRecursion() {}

    /// Runs the recursion.
    ///
    /// @param hidden `[B · T, hidden]`
    /// @param everyone all tokens of the batch
    /// @param numRecursions the number of recursions N; 1 for a model without recursion
    /// @param block the shared layers
    /// @param request the depth limit and forced depths
    /// @param gates the gates of the steps; empty if a step replaces the state
    /// @return the tokens' states and depths
    public static RoutingResult run(
            Tensor hidden,
            ActiveTokens everyone,
            int numRecursions,
            RecursiveBlock block,
            RoutingRequest request,
            Optional<StepGates> gates) {
        request.forced().require(everyone.batch(), everyone.time(), numRecursions);
        TokenDepths depths = new TokenDepths(everyone.batch(), everyone.time());
        RoutingStatistics.Counts counts = new RoutingStatistics.Counts(numRecursions, everyone.time(), false, false);
        Tensor state = hidden;
        int steps = Math.min(numRecursions, request.maxDepth());
        for (int step = 0; step < steps; step++) {
            if (request.forced().isEmpty()) {
                depths.count(everyone);
                counts.countStep(step, everyone);
                state = after(step, state, block.run(step, state, state, everyone), gates);
            } else {
                try (TensorScope scope = TensorScope.open();
                        ActiveTokens active = thoseThatTake(step, everyone, request.forced())) {
                    if (active.isEmpty()) {
                        break;
                    }
                    depths.count(active);
                    counts.countStep(step, active);
                    Tensor rows = active.isAll() ? state : state.rows(active.rows());
                    Tensor output = after(step, rows, block.run(step, state, rows, active), gates);
                    state = scope.keep(active.isAll() ? output : state.replaceRows(active.rows(), output));
                }
            }
        }
        return new RoutingResult(
                state, depths, RoutingLosses.zero(everyone.device()), counts, List.of(), Optional.empty());
    }

    /// The states of tokens after a step.
    private static Tensor after(int step, Tensor states, Tensor outputs, Optional<StepGates> gates) {
        return step == 0 || gates.isEmpty() ? outputs : states.add(gates.get().change(step, states, outputs));
    }

    private static ActiveTokens thoseThatTake(int step, ActiveTokens everyone, DepthOverrides forced) {
        int[][] positions = new int[everyone.batch()][];
        for (int b = 0; b < positions.length; b++) {
            int sequence = b;
            positions[b] = IntStream.range(0, everyone.time())
                    .filter(t -> forced.at(sequence, t) == DepthOverrides.AS_ROUTED || forced.at(sequence, t) > step)
                    .toArray();
        }
        return everyone.some(positions);
    }
}
