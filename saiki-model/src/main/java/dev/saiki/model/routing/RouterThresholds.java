package dev.saiki.model.routing;

import dev.saiki.checkpoint.config.EffortRange;
import dev.saiki.checkpoint.config.EffortThresholds;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.io.InputException;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToLongFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// The moving thresholds of expert-threshold routing: the score that a token must reach at each step, for each
/// effort.
///
/// At step r ≥ 1 an active token with the logit z continues if its score, `sigmoid(z)`, is at least τ_r(E). For
/// every effort E of the grid, τ_r(E) follows the (1 − E)-quantile of the scores of the tokens still active at
/// that effort, so that the share E of them continues, on average over the stream of tokens rather than in each
/// sequence (Expert Threshold routing, arXiv:2603.11535, with a threshold per recursion step instead of per
/// expert). The rule depends on one token only, so the same causal rule applies in training, evaluation and
/// decoding, without an auxiliary loss.
///
/// - Effort 1 has the threshold 0, which every sigmoid reaches, and every token takes step 0.
/// - Between two efforts of the grid the threshold is interpolated linearly.
/// - In training every micro-batch draws an effort from the grid and is routed by the current thresholds; after
///   the optimizer's step the thresholds move towards the observed quantiles, independently of the assignment of
///   micro-batches to workers.
///
/// All micro-batches may update the thresholds of step 1, because its candidates are all tokens and their states
/// after step 0 do not depend on the effort. The threshold of a later step at an effort is updated only by
/// micro-batches of that effort. The tokens still active at a larger effort include those at a smaller effort, but
/// have attended to more tokens, so that the scores of the same tokens differ between efforts.
///
/// Because the thresholds of step 1 are updated from the same scores at all efforts, τ_1 decreases with the
/// effort: at that step, more effort never makes a token exit earlier.
public final class RouterThresholds {

    /// The initial threshold: the sigmoid of a logit of 0, around which the scores of a fresh router lie.
    private static final float UNTRAINED = 0.5f;

    /// The increment of a draw per training step: even a few of its multiples modulo 1 are spread evenly.
    private static final double GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

    /// The increment of a draw per group of micro-batches; its multiples do not correlate with those of the
    /// increment per training step.
    private static final double SQUARE_ROOT = Math.sqrt(2) - 1;

    /// The number of consecutive micro-batches with the same effort. Up to this number of parallel workers then
    /// finish together; with different efforts all workers would wait for the deepest micro-batch.
    private static final int MICRO_BATCHES_ALIKE = 4;

    private final List<Double> grid;
    private final List<Double> trainingShares;
    private final double defaultEffort;
    private final int numRecursions;
    private final Tensor values;

    /// The router's scores in one micro-batch of training.
    ///
    /// @param effort the effort at which the micro-batch was routed, an entry of the grid
    /// @param candidateLogits the logits of the candidates of each step that was reached, from step 0
    public record Observation(double effort, List<float[]> candidateLogits) {}

    /// Creates a view of stored thresholds.
    ///
    /// @param routing the settings
    /// @param values FLOAT32 `[N, entries of the grid]` on the CPU, modified by {@link #update}; row 0 is not used
    public RouterThresholds(Routing.ExpertThreshold routing, Tensor values) {
        this.grid = routing.effortGrid();
        this.trainingShares = routing.trainingShares();
        this.defaultEffort = routing.defaultEffort();
        this.numRecursions = Math.toIntExact(values.shape()[0]);
        this.values = values;
    }

    /// Sets the thresholds of an untrained model: one half, and at effort 1 zero.
    public void reset() {
        float[] initial = new float[numRecursions * grid.size()];
        for (int step = 1; step < numRecursions; step++) {
            int row = step * grid.size();
            Arrays.fill(initial, row, row + grid.size() - 1, UNTRAINED);
        }
        write(initial);
    }

    /// Returns the effort of a request.
    ///
    /// @param requested the effort; NaN for the model's default
    /// @return an effort within the range of the thresholds
    /// @throws InputException if the effort is outside the range of the grid
    public double effort(double requested) {
        return Double.isNaN(requested) ? defaultEffort : new EffortRange(grid.getFirst()).require("effort", requested);
    }

    /// Returns the thresholds at an effort.
    ///
    /// @param effort an effort within the range of the grid
    /// @return one threshold per step; the first is 0
    public List<Double> at(double effort) {
        return Arrays.stream(new EffortThresholds(grid, read()).at(effort))
                .boxed()
                .toList();
    }

    /// Draws the effort of a micro-batch, with the frequencies of {@link Routing.ExpertThreshold#trainingShares}.
    ///
    /// The draws advance by an irrational increment from a start that the seed determines, so that a few
    /// consecutive training steps have different efforts, whose mean is near the mean over the run.
    ///
    /// @param seed the run's seed
    /// @param trainingStep the training step
    /// @param microBatch the index of the micro-batch in the training step
    /// @return an entry of the grid
    public double draw(long seed, long trainingStep, int microBatch) {
        double start = new SplittableRandom(seed).nextDouble();
        int group = microBatch / MICRO_BATCHES_ALIKE;
        double place = (start + trainingStep * GOLDEN_RATIO + group * SQUARE_ROOT) % 1;
        int column = 0;
        double end = trainingShares.getFirst();
        while (place >= end && column < grid.size() - 1) {
            column++;
            end += trainingShares.get(column);
        }
        return grid.get(column);
    }

    /// Moves the thresholds towards the quantiles of a training step.
    ///
    /// The first training steps of a run have a larger rate, 1/n at the n-th, so that the thresholds start as the
    /// plain mean of the observed quantiles and not at their arbitrary initial value.
    ///
    /// @param observed the micro-batches of the training step, in order
    /// @param rate the share of the distance to move, in [0, 1]; 0 leaves the thresholds unchanged
    /// @param trainingStep the training step, from 1
    public void update(List<Observation> observed, double rate, long trainingStep) {
        update(observed, rate, _ -> trainingStep);
    }

    /// Moves the thresholds in a run that enables recursion steps one after the other.
    ///
    /// @param observed the micro-batches of the training step, in order
    /// @param rate the share of the distance to move, in [0, 1]; 0 leaves the thresholds unchanged
    /// @param trainingSteps the number of training steps with each recursion step so far, including this
    ///     training step; at least 1 for each recursion step that was reached
    public void update(List<Observation> observed, double rate, IntToLongFunction trainingSteps) {
        if (rate == 0) {
            return;
        }
        float[] stored = read();
        for (int step = 1; step < numRecursions; step++) {
            double share = Math.max(rate, 1.0 / Math.max(1, trainingSteps.applyAsLong(step)));
            for (int column = 0; column < grid.size() - 1; column++) {
                double effort = grid.get(column);
                double[] logits = logits(observed, step, effort);
                if (logits.length > 0) {
                    int index = step * grid.size() + column;
                    stored[index] = moved(stored[index], quantile(logits, 1 - effort), share);
                }
            }
        }
        write(stored);
    }

    /// Replaces the thresholds of every effort below 1.
    ///
    /// @param fit computes one threshold per step (the first is not used) from shares: for each step, the
    ///     share of the previous step's tokens that take the step
    public void fit(UnaryOperator<List<Double>> fit) {
        float[] stored = read();
        for (int column = 0; column < grid.size() - 1; column++) {
            double effort = grid.get(column);
            List<Double> fitted = fit.apply(IntStream.range(0, numRecursions)
                    .mapToObj(step -> step == 0 ? 1.0 : effort)
                    .toList());
            for (int step = 1; step < numRecursions; step++) {
                stored[step * grid.size() + column] = fitted.get(step).floatValue();
            }
        }
        write(stored);
    }

    /// The logits that determine a threshold, in ascending order.
    private static double[] logits(List<Observation> observed, int step, double effort) {
        return observed.stream()
                .filter(seen -> step == 1 || seen.effort() == effort)
                .filter(seen -> seen.candidateLogits().size() > step)
                .map(seen -> seen.candidateLogits().get(step))
                .flatMapToDouble(logits -> IntStream.range(0, logits.length).mapToDouble(i -> logits[i]))
                .sorted()
                .toArray();
    }

    /// The quantile, interpolated between the two nearest values.
    private static double quantile(double[] rising, double share) {
        double place = share * (rising.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, rising.length - 1);
        return rising[below] + (place - below) * (rising[above] - rising[below]);
    }

    /// Averages in logit space: sigmoids near 0 differ by orders of magnitude, and their mean would be dominated
    /// by the largest.
    private static float moved(float threshold, double target, double share) {
        double logit = Math.log(threshold / (1.0 - threshold));
        float moved = (float) ExpertChoice.sigmoid(logit + share * (target - logit));
        return Math.clamp(moved, Float.MIN_NORMAL, Math.nextDown(1f));
    }

    private float[] read() {
        return Tensors.segmentOf(values).toArray(ValueLayout.JAVA_FLOAT);
    }

    private void write(float[] changed) {
        Tensors.segmentOf(values).copyFrom(MemorySegment.ofArray(changed));
    }
}
