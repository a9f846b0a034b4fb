package dev.saiki.model.attention;

import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;

/// The low-rank update of a linear map (LoRA), from an adapter or for a recursion step: x · Aᵀ · Bᵀ times a scale.
///
/// @param down A, `[rank, in]`
/// @param up B, `[out, rank]`
/// @param scale the factor of the product
public record LowRankUpdate(Tensor down, Tensor up, double scale) {

    /// Maps rows.
    ///
    /// @param input `[n, in]`
    /// @return `[n, out]`, to be added to the map's output
    Tensor apply(Tensor input) {
        return Functional.linear(Functional.linear(input, down).multiply(scale), up);
    }

    LowRankUpdate outputs(long from, long count) {
        return new LowRankUpdate(down, up.narrow(0, from, count), scale);
    }
}
