package dev.saiki.model;

import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import java.util.Optional;
import java.util.OptionalDouble;

/// The output head, which computes vocabulary scores.
///
/// @param table `[V, width]`; a leaf
/// @param projection `[hidden, width]`, a leaf, whose transpose maps states to the width of a narrower
///     embedding; empty if the widths are equal
/// @param cap the bound of the logits; empty for none
record TokenHead(Tensor table, Optional<Tensor> projection, OptionalDouble cap) {

    /// Maps states to the width of the table.
    ///
    /// @param hidden `[n, hidden]`
    /// @return `[n, width]`
    Tensor projected(Tensor hidden) {
        return projection.map(hidden::matmul).orElse(hidden);
    }

    /// Scores the vocabulary.
    ///
    /// @param hidden `[n, hidden]`
    /// @return `[n, V]`
    Tensor logits(Tensor hidden) {
        return logitsOfProjected(projected(hidden));
    }

    /// Scores the vocabulary.
    ///
    /// @param states `[n, width]`
    /// @return `[n, V]`
    Tensor logitsOfProjected(Tensor states) {
        return Functional.softCap(Functional.linear(states, table), cap);
    }

    /// Computes the derivative of the bound, if there is one: 1 − (y / c)² for a logit y.
    ///
    /// @param logits `[n, V]`, bounded
    /// @return `[n, V]`
    Optional<Tensor> slopeAt(Tensor logits) {
        return cap.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        logits.multiply(1 / cap.getAsDouble()).square().negate().add(1));
    }
}
