package dev.saiki.rollout.check;

import dev.saiki.io.InputException;
import dev.saiki.rollout.evidence.FigureLimit;
import dev.saiki.rollout.evidence.FigureTest;
import dev.saiki.rollout.evidence.GateSettings;
import dev.saiki.rollout.evidence.RateTest;
import dev.saiki.rollout.pair.Outcome;
import java.util.Optional;

/// A check of the rate of errors and timeouts.
///
/// @param limit on the candidate's rate
public record ErrorRateCheck(FigureLimit limit) implements FigureCheck {

    /// Checks the limit.
    ///
    /// @throws InputException if it is no rate
    public ErrorRateCheck {
        if (limit instanceof FigureLimit.Fixed fixed && fixed.value() >= 1) {
            throw InputException.of("a rate of errors", "limit", "above 0, below 1", fixed.value());
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
