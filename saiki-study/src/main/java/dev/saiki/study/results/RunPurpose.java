package dev.saiki.study.results;

/// The purpose of a run.
public enum RunPurpose {
    /// A training in the plan's grid of families, sizes, budgets and seeds.
    GRID,
    /// A trial of a learning rate.
    SWEEP
}
