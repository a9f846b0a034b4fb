package dev.saiki.study.results;

/// The models that a comparison covers.
public enum ComparisonScope {
    /// Both models at the same size.
    SAME_SIZE,
    /// Each model at its best size for this budget, chosen on the tuning documents.
    BEST_SIZE
}
