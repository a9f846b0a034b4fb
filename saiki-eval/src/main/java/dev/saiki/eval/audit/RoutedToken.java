package dev.saiki.eval.audit;

/// A token of the text with its routing.
///
/// @param cluster number of the token's independent piece of text
/// @param window index of the token's window
/// @param position position of the token in its window
/// @param id id of the token
/// @param nextId id of the next token
/// @param depth number of recursions that the token took
/// @param loss negative log-likelihood of the next token, nats
/// @param entropyAtDepthOne entropy of the next-token distribution with every token at depth 1, nats
/// @param entropyAtFullDepth entropy of the next-token distribution with every token at full depth, nats
/// @param decisions the router's decisions at each step
record RoutedToken(
        int cluster,
        int window,
        int position,
        int id,
        int nextId,
        int depth,
        double loss,
        double entropyAtDepthOne,
        double entropyAtFullDepth,
        StepDecisions decisions)
        implements Observation {

    /// The router's decisions about a token.
    ///
    /// @param confidences the router's confidence at each step; NaN for steps without a decision
    /// @param margins distance of the router's decision from the threshold at each step, log-odds
    @SuppressWarnings("ArrayRecordComponent") // Many instances, never compared.
    record StepDecisions(float[] confidences, float[] margins) {}

    /// The router's confidence at a step.
    float confidence(int step) {
        return decisions.confidences()[step];
    }

    /// Returns the distance from the threshold of the router's decision at a step, in log-odds.
    float margin(int step) {
        return decisions.margins()[step];
    }

    /// Tells whether the router decided about a step of this token. The router decided about every step taken and
    /// about the first step not taken.
    boolean isDecidedAt(int step) {
        return step <= depth && !Float.isNaN(confidence(step));
    }
}
