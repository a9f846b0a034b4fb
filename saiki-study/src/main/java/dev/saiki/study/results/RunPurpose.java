package dev.saiki.study.results;

/// What a run is for.
public enum RunPurpose {
    /// A cell of the grid.
    GRID,
    /// A trial of a learning rate.
    SWEEP
}
