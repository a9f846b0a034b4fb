package dev.saiki.model;

import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.Tensors;
import java.util.List;
import java.util.stream.IntStream;

/// The supervision of an expert-threshold router by the gain of a further recursion; the gain is measured in
/// micro-batches at full depth and, if `rejectedShare` is above 0, on rejected tokens of routed ones.
///
/// The router of step r reads the state after r recursions, at which the loss of the next token is ℓ(r). The
/// router's target derives from δ = ℓ(r) − ℓ(r + 1), or from the difference of the predictions. The score remains
/// the sigmoid of the router's logit, and the logit is regressed on the target, so that a token with more gain
/// gets a higher score and the thresholds still select by rank.
///
/// At full depth each token attends to all earlier tokens. To measure the gain of a rejected token whose context
/// is routed, a second pass of routed micro-batches sends some rejected tokens one recursion further; only the
/// router gets a gradient from this pass.
///
/// What a token gains by a recursion may show at a later token, which reads its keys and values: where only answers
/// count, the words of the question have no gain of their own. With a horizon above 1, a token is credited with the
/// gains of later tokens too, as returns are in reinforcement learning, and tokens that are not targets train the
/// router as well.
///
/// @param target the target derived from the gains
/// @param coefficient the weight of the loss, which is a mean over tokens, summed over steps
/// @param reachesTrunk whether, at full depth, the gradient reaches the router's input states; otherwise it
///     stops at the router, as it always does for rejected tokens
/// @param rejectedShare the share of rejected tokens in routed micro-batches that take one more recursion in
///     a second pass; 0 for no second pass
/// @param horizon how far ahead gains are credited: the gain of each further token is discounted by another factor of
///     1 − 1/`horizon`; with 1, a token is credited with its own gain alone
public record GainSupervision(
        GainTarget target, double coefficient, boolean reachesTrunk, double rejectedShare, double horizon) {

    /// Rejects an invalid horizon.
    ///
    /// @throws IllegalArgumentException if the horizon is below 1, or above it with a share of rejected tokens, for
    ///     which only their own gains are known
    public GainSupervision {
        if (!(horizon >= 1 && Double.isFinite(horizon)) || (horizon > 1 && rejectedShare > 0)) {
            throw new IllegalArgumentException(
                    "horizon must be 1, or above it without rejected tokens, got " + horizon);
        }
    }

    /// Credits each token with its own gain and those of the tokens after it.
    ///
    /// @param gains FLOAT32 `[B · T]`, the gain of each token
    /// @param time the length of a sequence T
    /// @return FLOAT32 `[B · T]`
    Tensor credited(Tensor gains, int time) {
        double kept = 1 - 1 / horizon;
        float[] shares = new float[time * time];
        for (int later = 0; later < time; later++) {
            double share = 1;
            for (int token = later; token >= 0; token--) {
                shares[later * time + token] = (float) share;
                share *= kept;
            }
        }
        return gains.reshape(-1, time)
                .matmul(Tensors.like(gains).of(shares, time, time))
                .reshape(-1);
    }

    /// Returns the forward FLOPs of the second pass, including its head, per token of a routed micro-batch.
    ///
    /// @param config the model
    /// @param context tokens in a sequence
    /// @param capacities the share of all tokens that take each recursion in the first pass
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
