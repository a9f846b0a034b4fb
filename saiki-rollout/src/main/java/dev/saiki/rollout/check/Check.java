package dev.saiki.rollout.check;

import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import java.util.OptionalDouble;

/// A measure of how much worse the candidate's answer is than the baseline's.
public sealed interface Check
        permits AgreementCheck,
                CommandCheck,
                EmbeddingCheck,
                ErrorCheck,
                HookCheck,
                JudgeCheck,
                LikelihoodCheck,
                LossCheck,
                UnpairedCheck {

    /// Compares two answers.
    ///
    /// @param request the request that both sides answered
    /// @param baseline the baseline's answer
    /// @param candidate the candidate's answer
    /// @return the candidate's loss minus the baseline's, from -1 to 1; empty if the comparison failed
    OptionalDouble difference(String request, Outcome.Answered baseline, Outcome.Answered candidate);

    /// Compares a pair. If the candidate alone fails, the difference is 1; if both fail, it is 0; if the baseline
    /// alone fails, it is missing.
    ///
    /// @param pair outcomes of both sides for a request
    /// @return the candidate's loss minus the baseline's, from -1 to 1; empty if the difference cannot be
    ///     determined
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
