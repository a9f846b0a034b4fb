package dev.saiki.eval.problem;

import dev.saiki.eval.Interval;
import java.util.List;

/// What a model does with problems at one compute setting.
///
/// @param setting the setting, such as `effort 0.5`
/// @param levels the results by difficulty, in ascending order
/// @param depthOnAnswers the mean depth of the tokens that predict answers
/// @param depthElsewhere the mean depth of all other tokens
/// @param loss the mean loss of all tokens in nats, those of answers included
public record ProblemResult(
        String setting, List<Level> levels, double depthOnAnswers, double depthElsewhere, double loss) {

    /// Keeps its own copy.
    public ProblemResult {
        levels = List.copyOf(levels);
    }

    /// The answers of one difficulty.
    ///
    /// @param difficulty the difficulty
    /// @param answers the number of answers
    /// @param accuracy the share of answers each of whose tokens is the likeliest; documents are clusters
    /// @param depth the mean depth of the tokens that predict these answers
    /// @param loss the mean loss of an answer's tokens in nats
    public record Level(int difficulty, int answers, Interval accuracy, double depth, double loss) {}
}
