package dev.saiki.model;

import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import java.util.Optional;

/// The output head, which scores the vocabulary.
///
/// @param table `[V, width]`; a leaf
/// @param projection `[hidden, width]`, a leaf, which states pass backwards if the table is an embedding narrower
///     than they are; empty if it is as wide
record TokenHead(Tensor table, Optional<Tensor> projection) {

    /// Makes of states what the table reads.
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
