package dev.saiki.evidence;

/// What a gate measures in a conversation, and the bound on its mean.
public sealed interface GateMeasure {

    /// The candidate's loss minus the baseline's in the same conversation, whose mean is at most a tolerance.
    ///
    /// @param tolerance ε, from 0 to below 1
    record Difference(double tolerance) implements GateMeasure {}

    /// The candidate's failures, whose rate is at most a limit.
    ///
    /// @param limit between 0 and 1
    record Rate(double limit) implements GateMeasure {}

    /// The candidate's latencies, of which a share is at most a limit.
    ///
    /// @param share the quantile, between 0 and 1
    /// @param seconds the limit
    record Latency(double share, double seconds) implements GateMeasure {}

    /// The candidate's latencies beside the baseline's quantile, estimated from earlier conversations: the share of
    /// the candidate's latencies above the quantile times a factor is at most the share of the baseline's latencies
    /// above the quantile itself.
    ///
    /// @param share the quantile, between 0 and 1
    /// @param times the factor, above 0
    record RelativeLatency(double share, double times) implements GateMeasure {}

    /// The share of the candidate's latencies above a time minus the baseline's share above it, which is at most a
    /// tolerance.
    ///
    /// @param seconds the time
    /// @param tolerance ε, from 0 to below 1
    record Exceedance(double seconds, double tolerance) implements GateMeasure {}

    /// Returns the bound on the mean.
    ///
    /// @return the tolerance, the limit of a rate, or the share of latencies that may be above their limit
    default double bound() {
        return switch (this) {
            case Difference difference -> difference.tolerance();
            case Rate rate -> rate.limit();
            case Latency latency -> 1 - latency.share();
            case RelativeLatency latency -> 1 - latency.share();
            case Exceedance exceedance -> exceedance.tolerance();
        };
    }

    /// Returns the measure for a slice of the conversations.
    ///
    /// @param tolerance the least tolerance in the slice, from 0 to below 1
    /// @return a measure by the difference between both sides
    default GateMeasure inSlice(double tolerance) {
        return within(Math.max(bound(), tolerance));
    }

    /// Returns the measure by the difference between both sides, with another tolerance. A limit for all conversations
    /// together may be exceeded by both sides in a slice, such as that of long prompts, so there the candidate is
    /// held against the baseline.
    ///
    /// @param tolerance ε, from 0 to below 1
    /// @return the measure; the same for latencies beside the baseline's
    default GateMeasure within(double tolerance) {
        return switch (this) {
            case Difference _, Rate _ -> new Difference(tolerance);
            case Latency all -> new Exceedance(all.seconds(), tolerance);
            case RelativeLatency _ -> this;
            case Exceedance all -> new Exceedance(all.seconds(), tolerance);
        };
    }
}
