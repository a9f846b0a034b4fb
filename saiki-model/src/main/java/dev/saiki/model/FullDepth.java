package dev.saiki.model;

import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.config.ModelConfig;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// Micro-batches in which every token takes every recursion, and every depth has a loss of its own: the
/// layers after the recursion, the last norm and the head are applied to the state after each recursion.
///
/// The objective of a micro-batch at full depth is the mean of its losses, weighted by a fixed prior, so that the
/// trunk is useful at each depth whatever a router decides. The gain of a further recursion is known for all
/// tokens of a micro-batch at full depth, so that the router can be trained on it; the deepest prediction can be
/// distilled into the shallower ones.
///
/// A micro-batch at full depth updates the expert thresholds of step 1 only, like a routed one at the largest
/// effort. At step 1 all tokens are candidates whatever the effort. The thresholds of later steps depend on the
/// scores of the tokens that are still active at an effort below 1. At full depth these scores differ, because a
/// token attends to all earlier tokens, and not only to those that are still active. Routed micro-batches update
/// the thresholds of later steps, so `share` must leave some micro-batches routed.
///
/// @param share the share of the micro-batches, in (0, 1]
/// @param prior the weights of the depths
/// @param router the router's training on the gains of tokens; empty for none
/// @param distillation the distillation from the deepest exit to the others; empty for none
public record FullDepth(
        double share, Prior prior, Optional<GainSupervision> router, Optional<Distillation> distillation) {

    /// The number of consecutive micro-batches that are either all at full depth or all routed, so that parallel
    /// workers finish together.
    private static final int MICRO_BATCHES_ALIKE = 4;

    /// The increment of a draw per training step: its multiples, modulo 1, spread evenly over [0, 1), and do not
    /// correlate with the draws of efforts.
    private static final double STEP = Math.sqrt(3) - 1;

    /// The increment of a draw per group of micro-batches, with the same properties.
    private static final double GROUP_STEP = (Math.sqrt(13) - 3) / 2;

    /// Makes the draws of full depth independent of other draws from the same seed.
    private static final long SALT = 0x6465707468L;

    /// Rejects an invalid share, and a distillation whose deepest exit might not be computed.
    ///
    /// @throws IllegalArgumentException if the share is not in (0, 1], or a distillation has a sampled prior
    public FullDepth {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("share must be in (0, 1], got " + share);
        }
        if (prior == Prior.SAMPLED && distillation.isPresent()) {
            throw new IllegalArgumentException(
                    "distillation needs the deepest exit, which a sampled prior may leave out");
        }
    }

    /// The weights of the depths' losses, which add up to 1.
    public enum Prior {
        /// The same weight for each depth.
        UNIFORM,
        /// Half the weight of the previous depth.
        GEOMETRIC,
        /// A weight in proportion to the depth.
        RISING,
        /// One depth, drawn at random for each micro-batch. The recursion ends at that depth unless the router
        /// needs the gains of all depths.
        SAMPLED
    }

    /// Draws whether a micro-batch is at full depth and which exit it samples.
    ///
    /// The micro-batches at full depth are spread evenly over the run, and a resumed run draws the same ones.
    ///
    /// @param seed the run's seed
    /// @param trainingStep the training step
    /// @param microBatch the index of the micro-batch in the training step
    /// @param recursions the number of recursions; with a single one, no micro-batch is at full depth
    /// @return 0 for a routed micro-batch; otherwise a depth from 1 to `recursions`, which matters only for
    ///     {@link Prior#SAMPLED}
    public int draw(long seed, long trainingStep, int microBatch, int recursions) {
        int group = microBatch / MICRO_BATCHES_ALIKE;
        SplittableRandom ofRun = new SplittableRandom(seed ^ SALT);
        double place = (ofRun.nextDouble() + trainingStep * STEP + group * GROUP_STEP) % 1;
        if (place >= share || recursions == 1) {
            return 0;
        }
        return 1 + new SplittableRandom(ofRun.nextLong() + trainingStep * 0x1_0000L + group).nextInt(recursions);
    }

    /// Returns the number of recursions of a micro-batch.
    ///
    /// @param drawn the exit that was drawn
    /// @param recursions the number of recursions
    /// @return the drawn depth if no deeper recursion is needed, and otherwise the full depth
    int depth(int drawn, int recursions) {
        return prior == Prior.SAMPLED && router.isEmpty() ? drawn : recursions;
    }

    /// Returns the weight of each depth's loss.
    ///
    /// @param drawn the exit that was drawn
    /// @param recursions the number of recursions
    /// @return one weight per depth, up to {@link #depth}
    double[] weights(int drawn, int recursions) {
        double[] weights = new double[depth(drawn, recursions)];
        for (int depth = 1; depth <= weights.length; depth++) {
            weights[depth - 1] = switch (prior) {
                case UNIFORM -> 1.0 / recursions;
                case GEOMETRIC -> Math.pow(2, recursions - depth) / (Math.pow(2, recursions) - 1);
                case RISING -> 2.0 * depth / (recursions * (recursions + 1));
                case SAMPLED -> depth == drawn ? 1 : 0;
            };
        }
        return weights;
    }

    /// Returns the forward FLOPs per token of a micro-batch at full depth: {@link
    /// Accounting#forwardFlopsPerToken} of a token that takes all recursions, plus the layers and the head of
    /// each additional exit. The paper's accounting leaves out the head of the regular exit, as it does for
    /// every model.
    ///
    /// @param config the model
    /// @param context tokens in a sequence
    /// @param recursions the number of recursions
    /// @return FLOPs per token; if one depth is drawn, a mean over the depths
    public double forwardFlopsPerToken(ModelConfig config, int context, int recursions) {
        if (prior == Prior.SAMPLED && router.isEmpty()) {
            return IntStream.rangeClosed(1, recursions)
                    .mapToDouble(depth -> flopsAtDepth(config, context, depth))
                    .average()
                    .orElseThrow();
        }
        double exits = (recursions - 1) * Accounting.exitFlopsPerToken(config, context);
        // Each exit except the deepest adds one comparison of two predictions if the router learns from their
        // divergence, and one if there is distillation.
        long compared = router.filter(supervision -> supervision.target() instanceof GainTarget.Divergence).stream()
                        .count()
                + distillation.stream().count();
        double predictions = 2.0 * compared * (recursions - 1) * Accounting.headFlopsPerToken(config);
        return flopsAtDepth(config, context, recursions) + exits + predictions;
    }

    private static double flopsAtDepth(ModelConfig config, int context, int depth) {
        List<Double> shares = IntStream.range(0, config.numRecursions())
                .mapToObj(step -> step < depth ? 1.0 : 0.0)
                .toList();
        return Accounting.forwardFlopsPerToken(config, context, shares);
    }
}
