package dev.saiki.eval.audit;

/// A sampled token that reached an optional step.
///
/// @param cluster number of the token's independent piece of text, counted from 0 among the pieces that
///     contain samples
/// @param position position of the token in its window
/// @param taken whether the token took the step as routed, without any intervention
/// @param routerConfidence the router's confidence that the token should take the step; NaN without a router
/// @param gain the token's loss without the step minus its loss with the step, nats
/// @param gainWithFollowing the gain of the token plus the gains of the later tokens in its window, nats
/// @param view the observations that do not depend on the next token
record DecidedStep(
        int cluster,
        int position,
        boolean taken,
        double routerConfidence,
        double gain,
        double gainWithFollowing,
        StepView view) {

    /// The observations of a token at a step that do not depend on the next token.
    ///
    /// @param confidence the highest next-token probability minus the second highest, without the step
    /// @param movement distance by which the preceding step moved the state, relative to the norm of the state
    ///     after it
    /// @param divergence Kullback–Leibler divergence of the prediction with the step from the prediction without
    ///     it, nats
    /// @param state the input state of the step
    @SuppressWarnings("ArrayRecordComponent") // Many instances, never compared.
    record StepView(double confidence, double movement, double divergence, float[] state) {}

    /// Creates the decision about one step of a sampled token.
    ///
    /// @param sample the token, which reached the step
    /// @param step the step, from 1
    /// @param cluster number of the token's piece of text
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
