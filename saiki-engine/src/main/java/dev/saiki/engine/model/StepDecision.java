package dev.saiki.engine.model;

/// A router's decision about one token and one recursion step, before the request's bounds are applied.
sealed interface StepDecision {

    /// A depth that was chosen before the first step.
    ///
    /// @param depth the chosen depth, from 1
    record Chosen(int depth) implements StepDecision {}

    /// A gated step for which no decision was requested.
    ///
    /// @param gate the gate of the step's output
    record Unasked(float gate) implements StepDecision {}

    /// A decision whose score is NaN or infinite.
    ///
    /// @param gate the gate of the step's output
    record NonFinite(float gate) implements StepDecision {}

    /// A decision by a score that is compared with a threshold.
    ///
    /// @param gate gate of the step's output, if the token takes the step
    /// @param score the score of the token at this step
    /// @param threshold minimum score for a token to continue
    /// @param isProbability whether the score is the router's probability of continuing
    record Scored(float gate, double score, double threshold, boolean isProbability) implements StepDecision {

        boolean continues() {
            return score >= threshold;
        }
    }
}
