package dev.saiki.cli.serving;

/// A named choice of the default effort, for requests that set none.
enum EffortChoice {
    /// The effort that the model is certified for.
    CERTIFIED
}
