package dev.saiki.rollout.check;

import dev.saiki.rollout.pair.Outcome;
import java.util.OptionalDouble;

/// A check for errors and timeouts alone: two answers are alike, whatever they say.
public record ErrorCheck() implements Check {

    @Override
    public OptionalDouble difference(String request, Outcome.Answered baseline, Outcome.Answered candidate) {
        return OptionalDouble.of(0);
    }
}
