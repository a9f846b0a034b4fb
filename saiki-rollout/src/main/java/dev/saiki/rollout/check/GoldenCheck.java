package dev.saiki.rollout.check;

import dev.saiki.io.InputException;
import java.time.Duration;
import java.util.List;

/// A check by a golden set, which consists of questions with known answers. Questions are drawn at random and sent
/// to both sides, one at a time, in addition to clients' requests, which this check ignores.
///
/// @param questions the set
/// @param every pause between questions
public record GoldenCheck(List<GoldenQuestion> questions, Duration every) implements Check {

    /// Validates the questions and the pause.
    ///
    /// @throws InputException naming the allowed and the actual value
    public GoldenCheck {
        questions = List.copyOf(questions);
        InputException.require(
                !questions.isEmpty() && every.isPositive(),
                "a golden set",
                "questions and every",
                "at least one question and a positive time",
                questions.size() + ", " + every);
    }
}
