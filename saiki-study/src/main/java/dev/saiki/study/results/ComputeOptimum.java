package dev.saiki.study.results;

import java.util.List;

/// The minimum of the parabola of the loss over the logarithm of the non-embedding parameters at one budget.
///
/// @param budget forward FLOPs
/// @param nonEmbeddingParameters number of non-embedding parameters at the minimum
/// @param nll the loss at the minimum
/// @param coefficients constant, linear and quadratic coefficient in log10 of the parameters; empty if there
///     is no parabola, but present even if the parabola's minimum lies outside the trained sizes
public record ComputeOptimum(
        double budget, FittedValue nonEmbeddingParameters, FittedValue nll, List<Double> coefficients) {
    /// Copies the list.
    public ComputeOptimum {
        coefficients = List.copyOf(coefficients);
    }
}
