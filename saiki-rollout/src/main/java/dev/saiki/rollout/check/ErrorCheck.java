package dev.saiki.rollout.check;

import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import java.util.Optional;

/// A check of answers that clients cannot use, by {@link dev.saiki.rollout.pair.Fault}; whether what they say is right
/// does not matter.
///
/// @param cutOff whether an answer that ended at its maximum length is an error too
/// @param doubtful whether an answer is an error too if it is doubtful and the other side's is not: in another script,
///     repeating its end, beyond the request's limits, or with control tokens or impossible token counts
public record ErrorCheck(boolean cutOff, boolean doubtful) implements Check {

    @Override
    public Optional<Sides> observe(Pair pair) {
        Sides doubts = doubtful
                        && pair.baseline() instanceof Outcome.Answered baseline
                        && pair.candidate() instanceof Outcome.Answered candidate
                ? Doubts.about(pair.request(), baseline, candidate)
                : new Sides(0, 0);
        return Optional.of(new Sides(
                Math.max(loss(pair.baseline()), doubts.baseline()),
                Math.max(loss(pair.candidate()), doubts.candidate())));
    }

    private double loss(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Failed _ -> 1;
            case Outcome.Answered answered -> cutOff && answered.isCutOff() ? 1 : 0;
        };
    }
}
