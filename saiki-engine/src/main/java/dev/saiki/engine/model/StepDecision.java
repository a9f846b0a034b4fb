package dev.saiki.engine.model;

/// A router's decision about one token and one recursion step, before the request's bounds.
sealed interface StepDecision {

    /// A depth that was chosen before the first step.
    ///
    /// @param depth from 1
    record Chosen(int depth) implements StepDecision {}

    /// A gated step about which nothing more was requested.
    ///
    /// @param gate of the step's output
    record Unasked(float gate) implements StepDecision {}

    /// A score that is NaN or infinite.
    ///
    /// @param gate of the step's output
    record NonFinite(float gate) implements StepDecision {}

    /// A score that is compared with a threshold.
    ///
    /// @param gate of the step's output, if the token takes it
    /// @param score of the token at this step
    /// @param threshold the least score that goes on
    /// @param isProbability whether the score is the probability that the router gives to going on
    record Scored(float gate, double score, double threshold, boolean isProbability) implements StepDecision {

        boolean goesOn() {
            return score >= threshold;
        }
    }
}
