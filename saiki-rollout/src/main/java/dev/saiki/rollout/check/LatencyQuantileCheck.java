package dev.saiki.rollout.check;

import dev.saiki.evidence.GateMeasure;
import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.io.InputException;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import java.util.Optional;

/// A check of a latency quantile; a failed answer counts as infinitely slow.
///
/// @param quantile the quantile to check, such as 0.95
/// @param whole whether the time to the last byte counts, rather than the time to the first byte
/// @param limit the limit on the candidate's quantile: seconds, or a multiple of the baseline's quantile
/// @param isMultiple whether the limit is a multiple of the baseline's quantile
public record LatencyQuantileCheck(double quantile, boolean whole, double limit, boolean isMultiple) implements Check {

    private static final double NANOS = 1e9;

    /// Validates the quantile and the limit.
    ///
    /// @throws InputException naming the setting, the allowed and the actual value
    public LatencyQuantileCheck {
        InputException.require(
                quantile > 0 && quantile < 1, "a latency quantile", "quantile", "between 0 and 1", quantile);
        InputException.require(
                limit > 0, "a latency quantile", isMultiple ? "times_baseline" : "limit", "above 0", limit);
    }

    @Override
    public GateMeasure measure(double tolerance) {
        return isMultiple ? new GateMeasure.RelativeLatency(quantile, limit) : new GateMeasure.Latency(quantile, limit);
    }

    @Override
    public Optional<Sides> observe(Pair pair) {
        return Optional.of(new Sides(seconds(pair.baseline()), seconds(pair.candidate())));
    }

    private double seconds(Outcome outcome) {
        if (outcome instanceof Outcome.Failed) {
            return Double.POSITIVE_INFINITY;
        }
        return (whole ? outcome.total() : outcome.firstByte()).toNanos() / NANOS;
    }
}
