package dev.saiki.rollout.check;

import dev.saiki.rollout.pair.Outcome;
import java.util.OptionalDouble;

/// A check that counts only errors and timeouts, and ignores the content of answers.
public record ErrorCheck() implements Check {

    @Override
    public OptionalDouble difference(String request, Outcome.Answered baseline, Outcome.Answered candidate) {
        return OptionalDouble.of(0);
    }
}
