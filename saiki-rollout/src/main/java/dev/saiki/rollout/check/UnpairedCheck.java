package dev.saiki.rollout.check;

import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import java.util.OptionalDouble;

/// A check that does not compare the two answers to a client's request.
public sealed interface UnpairedCheck extends Check permits FeedbackCheck, FigureCheck, GoldenCheck {

    @Override
    default OptionalDouble difference(String request, Outcome.Answered baseline, Outcome.Answered candidate) {
        return OptionalDouble.empty();
    }

    @Override
    default OptionalDouble difference(Pair pair) {
        return OptionalDouble.empty();
    }
}
