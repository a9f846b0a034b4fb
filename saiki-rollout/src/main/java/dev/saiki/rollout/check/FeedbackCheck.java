package dev.saiki.rollout.check;

import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.rollout.pair.Pair;
import java.util.Optional;

/// A check by users' feedback. A user sees the answer of one side only, so feedback on an answer of one side is
/// paired with feedback on some answer of the other side, in order of arrival.
public record FeedbackCheck() implements Check {

    @Override
    public Optional<Sides> observe(Pair pair) {
        return Optional.empty();
    }
}
