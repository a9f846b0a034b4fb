package dev.saiki.study.results;

/// The purpose of a run.
public enum RunPurpose {
    /// A cell of the grid.
    GRID,
    /// A trial of a learning rate.
    SWEEP
}
