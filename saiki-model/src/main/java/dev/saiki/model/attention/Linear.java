package dev.saiki.model.attention;

import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import java.util.Optional;

/// A linear map of rows, with or without a bias.
///
/// @param weight `[out, in]`
/// @param bias `[out]`, if it adds one
public record Linear(Tensor weight, Optional<Tensor> bias) {

    /// Maps rows.
    ///
    /// @param input `[n, in]`
    /// @return `[n, out]`
    public Tensor apply(Tensor input) {
        return bias.map(added -> Functional.linear(input, weight, added))
                .orElseGet(() -> Functional.linear(input, weight));
    }

    /// Maps rows to the first outputs alone.
    ///
    /// @param outputs how many
    Linear first(long outputs) {
        return new Linear(weight.narrow(0, 0, outputs), bias.map(added -> added.narrow(0, 0, outputs)));
    }
}
