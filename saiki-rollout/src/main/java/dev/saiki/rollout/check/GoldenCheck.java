package dev.saiki.rollout.check;

import dev.saiki.io.InputException;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;

/// A check by a golden set: questions with known answers, asked of both sides beside the traffic, one at a time and
/// at random. Clients' requests do not enter it.
///
/// @param questions the set
/// @param every how long after an answer the next question is asked
public record GoldenCheck(List<GoldenQuestion> questions, Duration every) implements Check {

    /// Checks both.
    ///
    /// @throws InputException naming what is allowed, and what was got
    public GoldenCheck {
        questions = List.copyOf(questions);
        if (questions.isEmpty() || !every.isPositive()) {
            throw InputException.of(
                    "a golden set",
                    "questions and every",
                    "at least one, and positive",
                    questions.size() + ", " + every);
        }
    }

    @Override
    public OptionalDouble difference(String request, Outcome.Answered baseline, Outcome.Answered candidate) {
        return OptionalDouble.empty();
    }

    @Override
    public OptionalDouble difference(Pair pair) {
        return OptionalDouble.empty();
    }
}
