package dev.saiki.rollout.check;

import dev.saiki.evidence.GateMeasure;
import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.io.InputException;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import java.util.Optional;

/// A check of the rate of answers that clients cannot use.
///
/// @param limit the limit on the candidate's rate, or on what the rate exceeds the baseline's by
/// @param isAboveBaseline whether the limit is relative to the baseline's rate
public record ErrorRateCheck(double limit, boolean isAboveBaseline) implements Check {

    /// Validates the limit.
    ///
    /// @throws InputException if the limit is out of range
    public ErrorRateCheck {
        if (isAboveBaseline && !(limit >= 0 && limit < 1)) {
            throw InputException.of("an error rate", "above_baseline", "at least 0, below 1", limit);
        }
        if (!isAboveBaseline && !(limit > 0 && limit < 1)) {
            throw InputException.of("an error rate", "limit", "above 0, below 1", limit);
        }
    }

    @Override
    public GateMeasure measure(double tolerance) {
        return isAboveBaseline ? new GateMeasure.Difference(limit) : new GateMeasure.Rate(limit);
    }

    @Override
    public Optional<Sides> observe(Pair pair) {
        return Optional.of(new Sides(
                pair.baseline() instanceof Outcome.Failed ? 1 : 0, pair.candidate() instanceof Outcome.Failed ? 1 : 0));
    }
}
