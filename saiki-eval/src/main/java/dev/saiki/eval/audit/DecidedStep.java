package dev.saiki.eval.audit;

/// A sampled token before an optional step.
///
/// @param cluster the independent piece of text it belongs to, numbered from 0 among those with samples
/// @param position its place in the window
/// @param taken whether the router sent it on
/// @param routerConfidence how sure the router was that it should take the step; NaN without a router
/// @param gain its loss without the step less its loss with it, nats
/// @param gainWithFollowing the same with what the tokens after it in its window gain
/// @param view what is known of it without the next token
record DecidedStep(
        int cluster,
        int position,
        boolean taken,
        double routerConfidence,
        double gain,
        double gainWithFollowing,
        StepView view) {

    /// A token and a step, as far as they can be known without the next token.
    ///
    /// @param confidence the head's greatest probability less the second, at the shallower depth
    /// @param movement how far the last step moved the state, over the state's length
    /// @param divergence divergence of the deeper prediction from the shallower one, nats
    /// @param state the state that the step reads
    @SuppressWarnings("ArrayRecordComponent") // Many; compared by nobody.
    record StepView(double confidence, double movement, double divergence, float[] state) {}

    /// Makes the decision about one step of a sampled token.
    ///
    /// @param sample the token, which reached the step
    /// @param step the step, from 1
    /// @param cluster number of its piece of text
    static DecidedStep of(SampledToken sample, int step, int cluster) {
        double gain = sample.loss(step) - sample.loss(step + 1);
        return new DecidedStep(
                cluster,
                sample.token().position(),
                sample.depth() > step,
                sample.token().confidence(step),
                gain,
                gain + sample.lossOfFollowing(step) - sample.lossOfFollowing(step + 1),
                sample.view(step));
    }
}
