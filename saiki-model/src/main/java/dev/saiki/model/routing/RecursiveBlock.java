package dev.saiki.model.routing;

import dev.saiki.tensor.Tensor;

/// One recursion step: the shared layers, applied to the active tokens.
@FunctionalInterface
public interface RecursiveBlock {

    /// Runs all layers of the block, with their residual connections.
    ///
    /// @param step recursion step, from 0
    /// @param states `[B · T, hidden]`, the states of all tokens; exited tokens have their last state
    /// @param rows `[n, hidden]`, the active tokens' states
    /// @param active the tokens of the rows
    /// @return `[n, hidden]`
    Tensor run(int step, Tensor states, Tensor rows, ActiveTokens active);
}
