package dev.saiki.study.statistics;

import dev.saiki.eval.ClusterBootstrap;
import dev.saiki.eval.Interval;
import dev.saiki.study.statistics.LossSample.Cell;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// A bootstrap over documents and seeds.
///
/// A study samples two things: the held-out documents, and the seeds, which determine initial weights and the
/// order of the text. A resample varies both, since an interval that ignores one of them is too narrow.
///
/// *Documents* are drawn with replacement, the same ones for all models, so that comparisons stay paired: all
/// models find the same documents hard, and their differences vary far less than their losses. Rows of one
/// document resemble each other and are drawn together. An interval from a bootstrap of few clusters, here n
/// documents, is too narrow by a known factor; the distance of each resampled loss from the loss over all
/// documents is therefore stretched by sqrt(n / (n - 1)) · t / z, with t and z the 97.5 % points of Student's
/// distribution with n - 1 degrees of freedom and of the normal distribution [1].
///
/// *Seeds* cannot be resampled, because a study has only two or three. The variance over seeds is therefore pooled
/// over all cells of a budget, where a cell is one family at one size; each cell adds one degree of freedom for
/// every seed after its first. In a resample every cell's loss gets normal noise with that variance divided by its
/// number of seeds. All noise of a resample is scaled by the uncertainty of the variance (the square root of
/// freedom over a chi-squared number), so that a difference follows Student's distribution. This method assumes
/// that the seed variance is equal for all models of a budget, and that two models with the same seed are
/// independent. Since two such models saw the text in the same order, the interval is too wide rather than too
/// narrow.
///
/// All budgets of one family, size and seed share a stable phase, so a lucky seed may be lucky at all of them. A
/// statistic of levels over several budgets, such as the worth of a recursion, is then less certain than with
/// independent noise at each budget, which would average out. The noise of such a statistic is therefore one
/// normal number for all budgets of a family and size. A statistic of slopes over budgets would be more certain
/// with common noise, and gets independent noise at each budget. Each choice is the more conservative one.
///
/// A further evaluation, such as early exits with a threshold chosen for each run, changes a model's loss, and
/// this effect depends on the seed too. The noise of this effect is a second normal number for each cell, common
/// to all evaluations of the cell; its variance is that of the effect over seeds, pooled over the cells with the
/// same evaluation.
///
/// With one seed per cell the variance over seeds is unknown; the interval then covers documents alone, and no
/// verdict follows from it.
///
/// Libraries were considered: Commons Statistics and Hipparchus have tests for independent or paired samples, but
/// no bootstrap over clusters.
///
/// [1] T. C. Hesterberg: What Teachers Should Know About the Bootstrap. The American Statistician 69 (2015),
/// section 4: the expanded percentile interval.
final class Bootstrap {

    private static final RandomGeneratorFactory<RandomGenerator> GENERATORS =
            RandomGeneratorFactory.of("L64X128MixRandom");

    private final LossSample sample;
    private final int resamples;
    private final double stretch;

    Bootstrap(LossSample sample, int resamples) {
        this.sample = sample;
        this.resamples = resamples;
        int documents = sample.documents();
        this.stretch = documents < 2 ? 1 : ClusterBootstrap.stretch(documents);
    }

    /// The interval of a statistic of losses.
    ///
    /// @param low lower end
    /// @param high upper end
    /// @param failed share of the resamples in which the statistic does not exist
    record ResampledInterval(double low, double high, double failed) {}

    /// Computes a statistic in many resamples.
    ///
    /// @param statistic computes the statistic from the losses of cells; empty where the statistic is
    ///     undefined
    /// @return the interval over the resamples in which the statistic exists
    ResampledInterval interval(Function<ToDoubleFunction<Cell>, Optional<Double>> statistic) {
        return interval(statistic, resamples, false);
    }

    /// Computes a statistic of levels over several budgets in many resamples.
    ///
    /// @param statistic computes the statistic from the losses of cells; empty where the statistic is
    ///     undefined
    /// @param most maximum number of resamples, for slow statistics
    /// @return the interval over the resamples in which the statistic exists, with the same seed noise at all
    ///     budgets
    ResampledInterval intervalOverBudgets(Function<ToDoubleFunction<Cell>, Optional<Double>> statistic, int most) {
        return interval(statistic, most, true);
    }

    private ResampledInterval interval(
            Function<ToDoubleFunction<Cell>, Optional<Double>> statistic, int most, boolean budgetsShareSeeds) {
        RandomGenerator random = GENERATORS.create(0);
        int count = Math.min(resamples, most);
        double[] values = new double[count];
        int found = 0;
        for (int resample = 0; resample < count; resample++) {
            Optional<Double> value = statistic.apply(draw(random, budgetsShareSeeds));
            if (value.isPresent() && Double.isFinite(value.get())) {
                values[found++] = value.get();
            }
        }
        double[] sorted = Arrays.copyOf(values, found);
        Arrays.sort(sorted);
        double failed = 1 - (double) found / count;
        return found == 0
                ? new ResampledInterval(Double.NaN, Double.NaN, failed)
                : new ResampledInterval(
                        ClusterBootstrap.percentile(sorted, 0.5 - Interval.CONFIDENCE / 2),
                        ClusterBootstrap.percentile(sorted, 0.5 + Interval.CONFIDENCE / 2),
                        failed);
    }

    /// Resamples documents and seeds; the result maps each cell to its loss on the drawn documents, with the
    /// drawn seed noise.
    private ToDoubleFunction<Cell> draw(RandomGenerator random, boolean budgetsShareSeeds) {
        double[] weights = new double[sample.documents()];
        for (int i = 0; i < weights.length; i++) {
            weights[random.nextInt(weights.length)]++;
        }
        long noiseSeed = random.nextLong();
        Map<Cell, Double> losses = new HashMap<>();
        return cell -> losses.computeIfAbsent(cell, wanted -> redrawn(wanted, weights, noiseSeed, budgetsShareSeeds));
    }

    private double redrawn(Cell cell, double[] weights, long noiseSeed, boolean budgetsShareSeeds) {
        double loss = sample.loss(cell);
        double otherDocuments = stretch * (sample.loss(cell, weights) - loss);
        SeedVariance seeds = sample.seedVariance(cell.budget());
        if (seeds.freedom() == 0) {
            return loss + otherDocuments;
        }
        // Evaluations of one model share its seeds, so seed noise shifts all of its losses alike.
        String drawnFor = cell.family() + "/" + cell.size() + (budgetsShareSeeds ? "" : "/" + cell.budget());
        RandomGenerator ofCell = GENERATORS.create(noiseSeed ^ drawnFor.hashCode());
        int runs = sample.runs(cell).size();
        long ofBudget = noiseSeed ^ Double.doubleToLongBits(cell.budget());
        double otherSeeds = ofCell.nextGaussian() * deviation(seeds, runs, ofBudget);
        if (!cell.isCausal()) {
            long ofChange = ofBudget ^ cell.evaluation().hashCode();
            otherSeeds += ofCell.nextGaussian() * deviation(sample.changeVariance(cell), runs, ofChange);
        }
        return loss + otherDocuments + otherSeeds;
    }

    /// The standard deviation of a mean over seeds, scaled by the uncertainty of its variance.
    private static double deviation(SeedVariance variance, int runs, long noiseSeed) {
        RandomGenerator random = GENERATORS.create(noiseSeed);
        double chiSquared = 0;
        for (int i = 0; i < variance.freedom(); i++) {
            double normal = random.nextGaussian();
            chiSquared += normal * normal;
        }
        return variance.freedom() == 0 ? 0 : Math.sqrt(variance.variance() / runs * variance.freedom() / chiSquared);
    }
}
