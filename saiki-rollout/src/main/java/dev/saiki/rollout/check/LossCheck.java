package dev.saiki.rollout.check;

import dev.saiki.rollout.pair.Outcome;
import java.util.OptionalDouble;

/// A check that gives each answer a loss of its own.
public sealed interface LossCheck extends ComparisonCheck permits AnswerCheck, LatencyCheck, RegexCheck, SchemaCheck {

    /// Judges one answer.
    ///
    /// @param answer the answer of either side
    /// @return 0 for a good answer, 1 for a bad one
    double loss(Outcome.Answered answer);

    @Override
    default OptionalDouble difference(String request, Outcome.Answered baseline, Outcome.Answered candidate) {
        return OptionalDouble.of(loss(candidate) - loss(baseline));
    }
}
