package dev.saiki.model;

import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.config.ModelConfig;
import java.util.List;
import java.util.stream.IntStream;

/// Supervision of an expert-threshold router by the gain of a further recursion, measured in a micro-batch at full
/// depth.
///
/// The router of step r sees the state after r recursions, in which the loss of the next token is ℓ(r). Its
/// target is made of δ = ℓ(r) − ℓ(r + 1), or of how the predictions differ. It keeps its form: the score is
/// the sigmoid of its logit, and what is regressed is the logit, so that a token that gains more scores
/// higher and the thresholds turn ranks into shares as ever.
///
/// At full depth everybody has all others for company. What a rejected token would have gained among those
/// that were routed shows a second pass of routed micro-batches, in which some of the rejected are sent one
/// recursion further; it has no gradient but the router's.
///
/// @param target what is made of the gains
/// @param coefficient weight of the loss, which is a mean over tokens, summed over steps
/// @param reachesTrunk whether the gradient reaches the router's input states at full depth; otherwise it ends at the
///     router, as it does for rejected tokens
/// @param rejectedShare of the rejected tokens of routed micro-batches that are sent one recursion further;
///     0 for no second pass
public record GainSupervision(GainTarget target, double coefficient, boolean reachesTrunk, double rejectedShare) {

    /// Makes a teaching by micro-batches at full depth alone.
    ///
    /// @param target what is made of the gains
    /// @param coefficient weight of the loss
    /// @param reachesTrunk whether the gradient reaches the router's input states
    public GainSupervision(GainTarget target, double coefficient, boolean reachesTrunk) {
        this(target, coefficient, reachesTrunk, 0);
    }

    /// Counts the forward FLOPs of the second pass, its head with them, for one token of a routed micro-batch.
    ///
    /// @param config the model
    /// @param context tokens in a sequence
    /// @param capacities share of all tokens that takes each recursion that there is in the first pass
    /// @return FLOPs per token
    public double forwardFlopsOfRejected(ModelConfig config, int context, List<Double> capacities) {
        double drawn = rejectedShare * (capacities.getFirst() - capacities.getLast());
        if (drawn == 0) {
            return 0;
        }
        List<Double> shares = IntStream.range(0, config.numRecursions())
                .mapToObj(step -> {
                    double share = step < capacities.size() ? capacities.get(step) : 0;
                    boolean mayReject = step > 0 && step < capacities.size();
                    return share + (mayReject ? rejectedShare * (capacities.get(step - 1) - share) : 0);
                })
                .toList();
        double head = Accounting.headFlopsPerToken(config);
        double predictions = target instanceof GainTarget.Divergence ? 2 * drawn * head : 0;
        return Accounting.forwardFlopsPerToken(config, context, shares) + head + predictions;
    }
}
