package dev.saiki.eval.tasks;

import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.model.Continuation;
import dev.saiki.model.ScoredContinuation;

/// The compute of scores at the depths taken: exact counts of {@link SequenceCost}, summed.
///
/// @param tokensRead tokens that went through the model, contexts included
/// @param tokensScored tokens whose probabilities were asked for
/// @param recursions steps that all tokens read took together
/// @param recursionsForScored steps of those tokens from which scored ones were predicted
/// @param flops operations, head and routers included
/// @param cacheBytes keys and values left by all tokens read, at two bytes a number
public record EvaluationCost(
        long tokensRead, long tokensScored, long recursions, long recursionsForScored, long flops, long cacheBytes) {

    private static final int BYTES_PER_NUMBER = 2;

    /// Nothing yet.
    public static final EvaluationCost NOTHING = new EvaluationCost(0, 0, 0, 0, 0, 0);

    /// Counts one continuation.
    ///
    /// @param config the model
    /// @param maxDepth bound that was set on depths
    /// @param continuation what was scored
    /// @param scored its result
    /// @return the cost
    static EvaluationCost on(ModelConfig config, int maxDepth, Continuation continuation, ScoredContinuation scored) {
        int[] depths = scored.depths();
        long all = 0;
        long forScored = 0;
        for (int position = 0; position < depths.length; position++) {
            all += depths[position];
            forScored += position >= continuation.firstScored() - 1 ? depths[position] : 0;
        }
        SequenceCost cost = SequenceCost.of(config, depths, maxDepth, continuation.numScored());
        return new EvaluationCost(
                depths.length,
                continuation.numScored(),
                all,
                forScored,
                cost.flops(),
                cost.cacheBytes(config, BYTES_PER_NUMBER));
    }

    /// Adds costs.
    ///
    /// @param other to be added
    /// @return the sum
    public EvaluationCost plus(EvaluationCost other) {
        return new EvaluationCost(
                tokensRead + other.tokensRead,
                tokensScored + other.tokensScored,
                recursions + other.recursions,
                recursionsForScored + other.recursionsForScored,
                flops + other.flops,
                cacheBytes + other.cacheBytes);
    }

    /// Returns the mean depth of the tokens read.
    ///
    /// @return recursions a token
    public double meanDepth() {
        return (double) recursions / tokensRead;
    }

    /// Returns the mean depth of the tokens from which scored ones were predicted.
    ///
    /// @return recursions a token
    public double meanDepthForScored() {
        return (double) recursionsForScored / tokensScored;
    }

    /// Returns the compute of a token read.
    ///
    /// @return FLOPs a token
    public double flopsPerToken() {
        return (double) flops / tokensRead;
    }

    /// Returns the compute spent for each scored token, that of its context included.
    ///
    /// @return FLOPs a scored token
    public double flopsPerScoredToken() {
        return (double) flops / tokensScored;
    }

    /// Returns the keys and values of a token read.
    ///
    /// @return bytes a token
    public double cacheBytesPerToken() {
        return (double) cacheBytes / tokensRead;
    }
}
