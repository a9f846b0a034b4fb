package dev.saiki.rollout.check;

import dev.saiki.evidence.FigureLimit;
import dev.saiki.evidence.FigureTest;
import dev.saiki.evidence.GateSettings;
import dev.saiki.evidence.RateTest;
import dev.saiki.io.InputException;
import dev.saiki.rollout.pair.Outcome;
import java.util.Optional;

/// A check of the rate of errors and timeouts.
///
/// @param limit the limit on the candidate's rate
public record ErrorRateCheck(FigureLimit limit) implements FigureCheck {

    /// Validates the limit.
    ///
    /// @throws InputException if the limit is out of range
    public ErrorRateCheck {
        switch (limit) {
            case FigureLimit.Fixed(double value)
            when !(value > 0 && value < 1) ->
                throw InputException.of("an error rate", "limit", "above 0, below 1", value);
            case FigureLimit.OfBaseline(double more)
            when !(more >= 0) -> throw InputException.of("an error rate", "above_baseline", "at least 0", more);
            default -> {}
        }
    }

    @Override
    public double measured(Outcome outcome) {
        return outcome instanceof Outcome.Failed ? 1 : 0;
    }

    @Override
    public FigureTest test(GateSettings settings, Optional<String> state) {
        return state.map(before -> RateTest.resume(settings, limit, before))
                .orElseGet(() -> new RateTest(settings, limit));
    }
}
