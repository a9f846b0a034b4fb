package dev.saiki.rollout.check;

import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import java.util.OptionalDouble;

/// A measure of how much worse the candidate's answer is than the baseline's.
public sealed interface Check
        permits AgreementCheck,
                AnswerCheck,
                CommandCheck,
                EmbeddingCheck,
                ErrorCheck,
                FeedbackCheck,
                FigureCheck,
                GoldenCheck,
                HookCheck,
                JudgeCheck,
                LatencyCheck,
                LikelihoodCheck,
                RegexCheck,
                SchemaCheck {

    /// Compares two answers.
    ///
    /// @param request what both answered
    /// @param baseline the baseline's answer
    /// @param candidate the candidate's answer
    /// @return the candidate's loss less the baseline's, from -1 to 1; empty if the check itself failed
    OptionalDouble difference(String request, Outcome.Answered baseline, Outcome.Answered candidate);

    /// Compares a pair. A candidate that fails is as bad as can be, two that fail are alike, and a baseline that
    /// fails alone says nothing about the candidate.
    ///
    /// @param pair what both sides made of a request
    /// @return the candidate's loss less the baseline's, from -1 to 1; empty if it is missing
    default OptionalDouble difference(Pair pair) {
        return switch (pair.candidate()) {
            case Outcome.Failed _ -> OptionalDouble.of(pair.baseline() instanceof Outcome.Failed ? 0 : 1);
            case Outcome.Answered candidate ->
                pair.baseline() instanceof Outcome.Answered baseline
                        ? difference(pair.request(), baseline, candidate)
                        : OptionalDouble.empty();
        };
    }
}
