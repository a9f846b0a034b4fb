package dev.saiki.model;

import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.config.ModelConfig;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// Micro-batches in which every token takes every recursion and every depth has its own loss: the layers after the
/// recursion, the last norm and the head read the state after each recursion.
///
/// Their objective is the mean of these losses, weighted by a fixed prior, so that the trunk is useful at each
/// depth whatever a router decides. The gain of a further recursion is known for all tokens of such a micro-batch
/// and can teach the router; the deepest prediction can teach the shallower ones.
///
/// Of expert-threshold's thresholds such a micro-batch moves those of step 1 alone, like a routed one whose
/// effort is the largest. At step 1 the candidates are all tokens whatever the effort. At later steps a
/// smaller effort's survivors cannot be read off it: here they attended to all tokens, there they attend to
/// the survivors, and their scores differ. These thresholds follow the micro-batches that are routed, so
/// `share` must leave some.
///
/// @param share of the micro-batches, in (0, 1]
/// @param prior the weights of the depths
/// @param router what the gains of the tokens teach the router; empty if they teach it nothing
/// @param distillation what the deepest exit teaches the others; empty if it teaches them nothing
public record FullDepth(
        double share, Prior prior, Optional<GainSupervision> router, Optional<Distillation> distillation) {

    /// Consecutive micro-batches that are all at full depth or all not, so that parallel workers finish together.
    private static final int MICRO_BATCHES_ALIKE = 4;

    /// Steps of these two spread points evenly over [0, 1), and do not fall in with the draws of efforts.
    private static final double STEP = Math.sqrt(3) - 1;

    private static final double GROUP_STEP = (Math.sqrt(13) - 3) / 2;

    /// Keeps the draws apart from others of the same seed.
    private static final long SALT = 0x6465707468L;

    /// Makes micro-batches whose exits learn from the text alone.
    ///
    /// @param share of the micro-batches, in (0, 1]
    /// @param prior the weights of the depths
    /// @param router what the gains of the tokens teach the router
    public FullDepth(double share, Prior prior, Optional<GainSupervision> router) {
        this(share, prior, router, Optional.empty());
    }

    /// Refuses a share that is none, and a deepest exit that does not run.
    ///
    /// @throws IllegalArgumentException if the share is not in (0, 1], or the prior is sampled with a distillation
    public FullDepth {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("share must be in (0, 1], got " + share);
        }
        if (prior == Prior.SAMPLED && distillation.isPresent()) {
            throw new IllegalArgumentException(
                    "distillation needs the deepest exit, and a sampled prior may not run it");
        }
    }

    /// The weights of the losses of the depths. They add up to 1.
    public enum Prior {
        /// All alike.
        UNIFORM,
        /// Each half of the one before.
        GEOMETRIC,
        /// One depth, drawn for each micro-batch. The recursion ends there unless the router learns from the gains
        /// of all depths.
        SAMPLED
    }

    /// Draws whether a micro-batch is at full depth and which exit it would sample.
    ///
    /// The micro-batches at full depth are spread evenly over the run, and a resumed run draws the same.
    ///
    /// @param seed the run's seed
    /// @param trainingStep the training step
    /// @param microBatch number of the micro-batch in the step
    /// @param recursions how many there are; with one, no micro-batch is at full depth
    /// @return 0 for a routed micro-batch; otherwise a depth from 1 to `recursions`, used by {@link Prior#SAMPLED}
    ///     only
    public int draw(long seed, long trainingStep, int microBatch, int recursions) {
        int group = microBatch / MICRO_BATCHES_ALIKE;
        SplittableRandom ofRun = new SplittableRandom(seed ^ SALT);
        double place = (ofRun.nextDouble() + trainingStep * STEP + group * GROUP_STEP) % 1;
        if (place >= share || recursions == 1) {
            return 0;
        }
        return 1 + new SplittableRandom(ofRun.nextLong() + trainingStep * 0x1_0000L + group).nextInt(recursions);
    }

    /// Returns the recursions that a micro-batch takes.
    ///
    /// @param drawn the exit that was drawn
    /// @param recursions how many there are
    /// @return the drawn depth if nothing needs those below it, else N
    int depth(int drawn, int recursions) {
        return prior == Prior.SAMPLED && router.isEmpty() ? drawn : recursions;
    }

    /// Returns the weight of each depth's loss.
    ///
    /// @param drawn the exit that was drawn
    /// @param recursions how many there are
    /// @return one weight a depth, as many as {@link #depth}
    double[] weights(int drawn, int recursions) {
        double[] weights = new double[depth(drawn, recursions)];
        for (int depth = 1; depth <= weights.length; depth++) {
            weights[depth - 1] = switch (prior) {
                case UNIFORM -> 1.0 / recursions;
                case GEOMETRIC -> Math.pow(2, recursions - depth) / (Math.pow(2, recursions) - 1);
                case SAMPLED -> depth == drawn ? 1 : 0;
            };
        }
        return weights;
    }

    /// Counts the forward FLOPs of a token in such a micro-batch: {@link Accounting#forwardFlopsPerToken}
    /// of a token that takes all recursions, and the layers and the head of each exit beside the usual one.
    /// Of the usual one the paper's count leaves the head out, as it does for every model.
    ///
    /// @param config the model
    /// @param context tokens in a sequence
    /// @param recursions how many there are
    /// @return FLOPs per token, the mean over the depths where one is drawn
    public double forwardFlopsPerToken(ModelConfig config, int context, int recursions) {
        if (prior == Prior.SAMPLED && router.isEmpty()) {
            return IntStream.rangeClosed(1, recursions)
                    .mapToDouble(depth -> flopsAtDepth(config, context, depth))
                    .average()
                    .orElseThrow();
        }
        double exits = (recursions - 1) * Accounting.exitFlopsPerToken(config, context);
        // Of each exit but the deepest two predictions are compared, for the router and for the exit.
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
