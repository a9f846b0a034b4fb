package dev.saiki.eval.tasks;

import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.model.Continuation;
import dev.saiki.model.ScoredContinuation;

/// The compute of an evaluation at the depths that tokens took, as a sum of exact counts by
/// {@link SequenceCost}.
///
/// @param tokensRead tokens processed by the model, including contexts
/// @param tokensScored tokens whose probabilities were requested
/// @param recursions total number of recursion steps of all tokens read
/// @param recursionsForScored total number of recursion steps of the tokens that predict scored tokens
/// @param flops operations, head and routers included
/// @param cacheBytes size of the keys and values of all tokens read, at two bytes per number
public record EvaluationCost(
        long tokensRead, long tokensScored, long recursions, long recursionsForScored, long flops, long cacheBytes) {

    private static final int BYTES_PER_NUMBER = 2;

    /// The cost before anything is counted.
    public static final EvaluationCost NOTHING = new EvaluationCost(0, 0, 0, 0, 0, 0);

    /// Counts one continuation.
    ///
    /// @param config the model
    /// @param maxDepth the depth bound
    /// @param continuation the scored continuation
    /// @param scored the result of scoring the continuation
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
    /// @param other the costs to add
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
    /// @return mean recursions per token
    public double meanDepth() {
        return (double) recursions / tokensRead;
    }

    /// Returns the mean depth of the tokens that predict scored tokens.
    ///
    /// @return mean recursions per token
    public double meanDepthForScored() {
        return (double) recursionsForScored / tokensScored;
    }

    /// Returns the compute per token read.
    ///
    /// @return FLOPs per token
    public double flopsPerToken() {
        return (double) flops / tokensRead;
    }

    /// Returns the compute per scored token, including the compute of its context.
    ///
    /// @return FLOPs per scored token
    public double flopsPerScoredToken() {
        return (double) flops / tokensScored;
    }

    /// Returns the size of the keys and values per token read.
    ///
    /// @return bytes per token
    public double cacheBytesPerToken() {
        return (double) cacheBytes / tokensRead;
    }
}
