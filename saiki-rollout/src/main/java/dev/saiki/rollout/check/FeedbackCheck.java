package dev.saiki.rollout.check;

import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import java.util.OptionalDouble;

/// A check by users' feedback. A user sees one answer, so feedback on one side is paired with feedback on the other
/// in order of arrival.
public record FeedbackCheck() implements Check {

    @Override
    public OptionalDouble difference(String request, Outcome.Answered baseline, Outcome.Answered candidate) {
        return OptionalDouble.empty();
    }

    @Override
    public OptionalDouble difference(Pair pair) {
        return OptionalDouble.empty();
    }
}
