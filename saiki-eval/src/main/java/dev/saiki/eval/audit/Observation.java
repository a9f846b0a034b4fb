package dev.saiki.eval.audit;

/// A measurement in a piece of text; what is measured in the same piece is not independent.
interface Observation {

    /// The piece.
    int cluster();
}
