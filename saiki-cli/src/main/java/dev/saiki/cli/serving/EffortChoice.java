package dev.saiki.cli.serving;

/// A named choice of the default effort, which applies to requests that set no effort.
enum EffortChoice {
    /// The effort for which the model is certified.
    CERTIFIED
}
