package dev.saiki.model;

import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import java.util.Optional;

/// The output head, which computes vocabulary scores.
///
/// @param table `[V, width]`; a leaf
/// @param projection `[hidden, width]`, a leaf, whose transpose maps states to the width of a narrower
///     embedding; empty if the widths are equal
record TokenHead(Tensor table, Optional<Tensor> projection) {

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
        return Functional.linear(projected(hidden), table);
    }
}
