package dev.saiki.rollout.check;

import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import java.util.OptionalDouble;

/// A check by the verdicts of users. A user sees one answer, so a pair says nothing here: verdicts on answers of
/// either side are put against each other in the order in which they come.
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
