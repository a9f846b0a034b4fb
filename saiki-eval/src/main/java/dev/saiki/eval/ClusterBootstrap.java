package dev.saiki.eval;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;

/// A bootstrap that resamples independent pieces of text (clusters).
///
/// Each resample draws the same number of pieces with replacement, and all statistics are computed from the same
/// resamples. With few pieces, percentiles of the resamples give too narrow an interval. For n pieces, the
/// distance of each end from the value over all pieces is therefore multiplied by sqrt(n / (n − 1)) · t / z [1],
/// where t is the 97.5 % point of Student's distribution with n − 1 degrees of freedom, and z that of the normal
/// distribution. The libraries Commons Statistics and Hipparchus cannot resample clusters.
///
/// [1] T. C. Hesterberg: What Teachers Should Know About the Bootstrap. The American Statistician 69 (2015),
/// section 4: the expanded percentile interval.
///
/// @param clusters number of pieces of text; their indices start at 0
/// @param seed seed of the resamples
public record ClusterBootstrap(int clusters, long seed) {

    /// Number of resamples.
    public static final int RESAMPLES = 1000;

    private static final double NORMAL_POINT = 1.959963984540054;

    /// Computes statistics of all pieces, with intervals from resamples.
    ///
    /// @param statistics computes the statistics from the number of times that each piece counts in a
    ///     resample; a statistic may be NaN where it is undefined
    /// @return the intervals in the order of the statistics; their ends are NaN with fewer than two pieces
    public List<Interval> intervals(UnaryOperator<double[]> statistics) {
        double[] once = new double[clusters];
        Arrays.fill(once, 1);
        double[] estimates = statistics.apply(once);
        double[][] resampled = new double[estimates.length][clusters < 2 ? 0 : RESAMPLES];
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        for (int resample = 0; clusters >= 2 && resample < RESAMPLES; resample++) {
            double[] weights = new double[clusters];
            for (int i = 0; i < clusters; i++) {
                weights[random.nextInt(clusters)]++;
            }
            double[] numbers = statistics.apply(weights);
            for (int i = 0; i < numbers.length; i++) {
                resampled[i][resample] = numbers[i];
            }
        }
        return IntStream.range(0, estimates.length)
                .mapToObj(i -> interval(estimates[i], resampled[i]))
                .toList();
    }

    private Interval interval(double estimate, double[] resampled) {
        double[] sorted =
                Arrays.stream(resampled).filter(Double::isFinite).sorted().toArray();
        if (!Double.isFinite(estimate) || sorted.length < RESAMPLES / 2) {
            return new Interval(estimate, Double.NaN, Double.NaN);
        }
        double tail = 0.5 + Interval.CONFIDENCE / 2;
        double stretch = stretch(clusters);
        return new Interval(
                estimate,
                estimate + stretch * (percentile(sorted, 1 - tail) - estimate),
                estimate + stretch * (percentile(sorted, tail) - estimate));
    }

    /// Computes the factor by which the ends of an interval move away from the value.
    ///
    /// @param clusters number of pieces of text, at least 2
    /// @return above 1
    public static double stretch(int clusters) {
        double point = StudentT.quantile(0.5 + Interval.CONFIDENCE / 2, clusters - 1);
        return Math.sqrt(clusters / (clusters - 1.0)) * point / NORMAL_POINT;
    }

    /// Interpolates between the two neighbours of a percentile.
    ///
    /// @param sorted values in ascending order, at least one
    /// @param share the percentile, in [0, 1]
    /// @return the value
    public static double percentile(double[] sorted, double share) {
        double place = share * (sorted.length - 1);
        int below = (int) Math.floor(place);
        int above = Math.min(sorted.length - 1, below + 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
