package dev.saiki.rollout.check;

import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import java.util.Optional;
import java.util.OptionalDouble;

/// A check that compares what two answers say.
public sealed interface ComparisonCheck extends Check
        permits AgreementCheck, CommandCheck, EmbeddingCheck, HookCheck, JudgeCheck, LikelihoodCheck {

    /// Compares two answers.
    ///
    /// @param request the request that both sides answered
    /// @param baseline the baseline's answer
    /// @param candidate the candidate's answer
    /// @return the candidate's loss minus the baseline's, from -1 to 1; empty if the comparison failed
    OptionalDouble difference(String request, Outcome.Answered baseline, Outcome.Answered candidate);

    /// Compares a pair. If the candidate alone fails, the difference is 1; if both fail, it is 0; if the baseline
    /// alone fails, it is missing, since the candidate's answer then has nothing to be compared with.
    @Override
    default Optional<Sides> observe(Pair pair) {
        OptionalDouble difference = switch (pair.candidate()) {
            case Outcome.Failed _ -> OptionalDouble.of(pair.baseline() instanceof Outcome.Failed ? 0 : 1);
            case Outcome.Answered candidate ->
                pair.baseline() instanceof Outcome.Answered baseline
                        ? difference(pair.request(), baseline, candidate)
                        : OptionalDouble.empty();
        };
        return difference.isPresent() ? Optional.of(Sides.ofDifference(difference.getAsDouble())) : Optional.empty();
    }
}
