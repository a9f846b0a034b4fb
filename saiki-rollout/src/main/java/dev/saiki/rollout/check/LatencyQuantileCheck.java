package dev.saiki.rollout.check;

import dev.saiki.evidence.FigureLimit;
import dev.saiki.evidence.FigureTest;
import dev.saiki.evidence.GateSettings;
import dev.saiki.evidence.QuantileTest;
import dev.saiki.io.InputException;
import dev.saiki.rollout.pair.Outcome;
import java.time.Duration;
import java.util.Optional;

/// A check of a latency quantile; a failed answer counts as infinitely slow.
///
/// @param quantile the quantile to check, such as 0.95
/// @param whole whether the time to the last byte counts, rather than the time to the first byte
/// @param limit the limit on the candidate's quantile: seconds, or a multiple of the baseline's quantile
public record LatencyQuantileCheck(double quantile, boolean whole, FigureLimit limit) implements FigureCheck {

    private static final double NANOS = 1e9;

    /// Validates the quantile and the limit.
    ///
    /// @throws InputException naming the setting, the allowed and the actual value
    public LatencyQuantileCheck {
        if (!(quantile > 0 && quantile < 1)) {
            throw InputException.of("a latency quantile", "quantile", "between 0 and 1", quantile);
        }
        switch (limit) {
            case FigureLimit.Fixed(double value)
            when !(value > 0) -> throw InputException.of("a latency quantile", "limit", "above 0", value);
            case FigureLimit.OfBaseline(double more)
            when !(more > 0) -> throw InputException.of("a latency quantile", "times_baseline", "above 0", more);
            default -> {}
        }
    }

    @Override
    public double measured(Outcome outcome) {
        if (outcome instanceof Outcome.Failed) {
            return Double.POSITIVE_INFINITY;
        }
        Duration time = whole ? outcome.total() : outcome.firstByte();
        return time.toNanos() / NANOS;
    }

    @Override
    public FigureTest test(GateSettings settings, Optional<String> state) {
        return state.map(before -> QuantileTest.resume(settings, quantile, limit, before))
                .orElseGet(() -> new QuantileTest(settings, quantile, limit));
    }
}
