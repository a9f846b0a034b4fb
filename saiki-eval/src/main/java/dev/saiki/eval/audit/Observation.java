package dev.saiki.eval.audit;

/// A measurement in a piece of text; measurements in the same piece are not independent.
interface Observation {

    /// The number of the piece of text.
    int cluster();
}
