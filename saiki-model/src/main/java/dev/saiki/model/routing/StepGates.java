package dev.saiki.model.routing;

import dev.saiki.tensor.Tensor;

/// The learned gates of the recursion steps: one number per step, independent of the router.
///
/// Step 0 replaces the state, H ← f(H), and step r ≥ 1 is H ← H + g_r · (f(H) − H), where f is the whole block
/// with its own residual connections. With all gates at 0 every depth gives the same result as one step, bit for
/// bit; with all at 1 there is no gating. In a model with step gates, a router only decides which tokens continue,
/// so no gradient of the language-model loss reaches it.
///
/// @param values FLOAT32 `[N]`; entry 0 is not used
public record StepGates(Tensor values) {

    /// Computes the amount that a step after the first adds to the states of its tokens.
    ///
    /// @param step the recursion step, from 1
    /// @param states `[n, hidden]`, the block's input
    /// @param outputs `[n, hidden]`, the block's output
    /// @return `[n, hidden]`
    public Tensor change(int step, Tensor states, Tensor outputs) {
        return outputs.subtract(states).multiply(values.narrow(0, step, 1).to(outputs.dtype()));
    }
}
