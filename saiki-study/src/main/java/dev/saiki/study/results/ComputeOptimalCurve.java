package dev.saiki.study.results;

import java.util.List;

/// The compute-optimal curve of a family: its best size at each budget, and how that size changes with the
/// budget.
///
/// @param family the family
/// @param optima the minimum over sizes at each budget, by rising budget
/// @param sizeExponent the exponent a in the law: optimal non-embedding parameters = k · budget^a
/// @param lossExponent the exponent b in the law: optimal loss = k · budget^-b
public record ComputeOptimalCurve(
        String family, List<ComputeOptimum> optima, FittedValue sizeExponent, FittedValue lossExponent) {
    /// Copies the list.
    public ComputeOptimalCurve {
        optima = List.copyOf(optima);
    }
}
