package dev.saiki.study.results;

/// The choice of the sizes at which two models are compared.
public enum ComparisonScope {
    /// Both models at the same size.
    SAME_SIZE,
    /// Each model at its best size for this budget, chosen on the tuning documents.
    BEST_SIZE
}
