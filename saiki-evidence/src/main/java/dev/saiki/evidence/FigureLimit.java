package dev.saiki.evidence;

/// The limit on one of the candidate's figures, such as its error rate.
public sealed interface FigureLimit {

    /// A fixed limit.
    ///
    /// @param value above 0
    record Fixed(double value) implements FigureLimit {}

    /// A limit relative to the baseline's figure, both measured in the same conversations.
    ///
    /// @param more the amount added to the baseline's rate, or the factor that multiplies the baseline's latency
    record OfBaseline(double more) implements FigureLimit {}
}
