package dev.saiki.model.routing;

import dev.saiki.tensor.Tensor;

/// One recursion step: the shared layers, applied to the active tokens.
@FunctionalInterface
public interface RecursiveBlock {

    /// Runs all layers of the block, with their residual connections.
    ///
    /// @param step recursion step, from 0
    /// @param states `[B · T, hidden]`, the states of all tokens; of those that left before, their last ones
    /// @param rows `[n, hidden]`, the active tokens' states
    /// @param active which tokens they are
    /// @return `[n, hidden]`
    Tensor run(int step, Tensor states, Tensor rows, ActiveTokens active);
}
