package dev.saiki.rollout.check;

import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import java.util.Optional;

/// A check that gives each answer a loss of its own.
public sealed interface LossCheck extends Check permits AnswerCheck, LatencyCheck, RegexCheck, SchemaCheck {

    /// Judges one answer.
    ///
    /// @param answer the answer of either side
    /// @return 0 for a good answer, 1 for a bad one
    double loss(Outcome.Answered answer);

    /// Judges both answers. If the candidate alone fails, the difference is 1; if both fail, it is 0; if the baseline
    /// alone fails, it is missing, since the candidate's answer then has nothing to be compared with.
    @Override
    default Optional<Sides> observe(Pair pair) {
        return switch (pair.candidate()) {
            case Outcome.Failed _ -> Optional.of(new Sides(pair.baseline() instanceof Outcome.Failed ? 1 : 0, 1));
            case Outcome.Answered candidate ->
                pair.baseline() instanceof Outcome.Answered baseline
                        ? Optional.of(new Sides(loss(baseline), loss(candidate)))
                        : Optional.empty();
        };
    }
}
