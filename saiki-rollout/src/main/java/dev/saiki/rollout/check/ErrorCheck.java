package dev.saiki.rollout.check;

import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import java.util.Optional;

/// A check of answers that clients cannot use, by {@link dev.saiki.rollout.pair.Fault}; whether what they say is right
/// does not matter.
///
/// Of these errors the end at the maximum length is the least, so it hides none of the others: where clients request
/// few tokens, the answers of both sides may always end there, and a candidate that fails is worse all the same.
///
/// @param cutOff whether an answer that ended at its maximum length is an error too
/// @param doubtful whether an answer is an error too if it is doubtful and the other side's is not: in another script,
///     repeating its end, beyond the request's limits, or with control tokens or impossible token counts
public record ErrorCheck(boolean cutOff, boolean doubtful) implements Check {

    @Override
    public Optional<Sides> observe(Pair pair) {
        Sides errors = doubtful
                        && pair.baseline() instanceof Outcome.Answered baseline
                        && pair.candidate() instanceof Outcome.Answered candidate
                ? Doubts.about(pair.request(), baseline, candidate)
                : new Sides(failed(pair.baseline()), failed(pair.candidate()));
        return Optional.of(
                errors.baseline() == errors.candidate()
                        ? new Sides(
                                Math.max(errors.baseline(), cutOff(pair.baseline())),
                                Math.max(errors.candidate(), cutOff(pair.candidate())))
                        : errors);
    }

    private static double failed(Outcome outcome) {
        return outcome instanceof Outcome.Failed ? 1 : 0;
    }

    private double cutOff(Outcome outcome) {
        return cutOff && outcome instanceof Outcome.Answered answered && answered.isCutOff() ? 1 : 0;
    }
}
