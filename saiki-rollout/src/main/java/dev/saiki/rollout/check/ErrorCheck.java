package dev.saiki.rollout.check;

import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import java.util.Optional;

/// A check of answers that clients cannot use, by {@link dev.saiki.rollout.pair.Fault}; what answers say does not
/// matter.
///
/// @param cutOff whether an answer that ended at its maximum length is an error too
public record ErrorCheck(boolean cutOff) implements Check {

    @Override
    public Optional<Sides> observe(Pair pair) {
        return Optional.of(new Sides(loss(pair.baseline()), loss(pair.candidate())));
    }

    private double loss(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Failed _ -> 1;
            case Outcome.Answered answered -> cutOff && answered.isCutOff() ? 1 : 0;
        };
    }
}
