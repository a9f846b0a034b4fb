package dev.saiki.study.results;

/// The models that a comparison covers.
public enum ComparisonScope {
    /// Both at one size.
    SAME_SIZE,
    /// Each at the size that is best for it at this budget, chosen on the tuning documents.
    BEST_SIZE
}
