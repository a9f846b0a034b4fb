package dev.saiki.study.results;

/// The choice of models that a comparison is about.
public enum ComparisonScope {
    /// Both at one size.
    SAME_SIZE,
    /// Each at the size that is best for it at this budget, chosen on the tuning documents.
    BEST_SIZE
}
