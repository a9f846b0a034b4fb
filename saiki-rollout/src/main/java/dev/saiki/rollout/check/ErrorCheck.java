package dev.saiki.rollout.check;

import dev.saiki.rollout.pair.Outcome;
import java.util.OptionalDouble;

/// A check for errors and timeouts alone; the content of answers does not count.
public record ErrorCheck() implements Check {

    @Override
    public OptionalDouble difference(String request, Outcome.Answered baseline, Outcome.Answered candidate) {
        return OptionalDouble.of(0);
    }
}
