package dev.saiki.evidence;

/// The limit on one of the candidate's figures.
public sealed interface FigureLimit {

    /// A fixed limit.
    ///
    /// @param value above 0
    record Fixed(double value) implements FigureLimit {}

    /// A limit relative to the baseline's figure in the same conversations.
    ///
    /// @param more margin above the baseline's rate, or factor on its latency
    record OfBaseline(double more) implements FigureLimit {}
}
