package dev.saiki.eval.audit;

/// A token of the text, as the router treated it.
///
/// @param cluster the independent piece of text it belongs to
/// @param window index of its window
/// @param position its place in the window
/// @param id its id
/// @param nextId id of the token after it
/// @param depth recursions it took
/// @param loss negative log-likelihood of the token after it, nats
/// @param entropyAtDepthOne entropy of what may follow, every token at depth 1, nats
/// @param entropyAtFullDepth the same, every token at full depth
/// @param decisions what the router decided at each step
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
    /// @param confidences at each step, how sure the router was; NaN where it did not decide
    /// @param margins at each step, how far the decision was from the other one, log-odds
    @SuppressWarnings("ArrayRecordComponent") // Many; compared by nobody.
    record StepDecisions(float[] confidences, float[] margins) {}

    /// How sure the router was at a step.
    float confidence(int step) {
        return decisions.confidences()[step];
    }

    /// How far the decision at a step was from the other one, log-odds.
    float margin(int step) {
        return decisions.margins()[step];
    }

    /// Tells whether the router decided about a step of this token on its way: those it took, and the first it did
    /// not.
    boolean isDecidedAt(int step) {
        return step <= depth && !Float.isNaN(confidence(step));
    }
}
