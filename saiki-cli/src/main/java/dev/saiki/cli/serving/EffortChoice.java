package dev.saiki.cli.serving;

/// A choice of the effort that requests get which name none.
enum EffortChoice {
    /// The effort that the model is certified for.
    CERTIFIED
}
