package dev.saiki.eval;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;

/// The mean of a quantity over all measured items, such as tokens or answers, with intervals from a bootstrap
/// over clusters; items of the same document or conversation are alike, so each document or conversation is a
/// cluster that is resampled as a unit.
///
/// @param sums sum of the quantity in each cluster
/// @param counts number of measured items in each cluster
@SuppressWarnings("ArrayRecordComponent") // Many large instances, never compared.
public record ClusterMean(double[] sums, double[] counts) {

    /// The seed is fixed, so that both means of a difference use the same resamples, and a repeated run gives the
    /// same intervals.
    private static final long SEED = 0;

    /// Collects the sums and counts of clusters.
    ///
    /// @param clusters the clusters, at least one
    /// @param sum sum of the quantity in a cluster
    /// @param count number of measured items in a cluster
    /// @param <T> the data of a cluster
    /// @return the mean
    public static <T> ClusterMean of(List<T> clusters, ToDoubleFunction<T> sum, ToDoubleFunction<T> count) {
        return new ClusterMean(
                clusters.stream().mapToDouble(sum).toArray(),
                clusters.stream().mapToDouble(count).toArray());
    }

    /// Returns the mean.
    ///
    /// @return the mean over all measured items
    public double mean() {
        return Arrays.stream(sums).sum() / Arrays.stream(counts).sum();
    }

    /// The mean with its interval.
    ///
    /// @return the mean with its interval, whose ends are NaN with fewer than two clusters
    public Interval interval() {
        return interval(this::weighted);
    }

    /// The mean of a quantity that is 0 or 1, with an interval within \[0, 1\].
    ///
    /// If all values are equal, resampling yields no spread; the interval is then the exact Clopper–Pearson
    /// interval for this number of clusters.
    ///
    /// @return the share with its interval
    public Interval share() {
        double mean = mean();
        double least = Math.pow((1 - Interval.CONFIDENCE) / 2, 1.0 / counts.length);
        if (mean == 0) {
            return new Interval(0, 0, 1 - least);
        }
        if (mean == 1) {
            return new Interval(1, least, 1);
        }
        Interval drawn = interval();
        return new Interval(mean, Math.max(0, drawn.low()), Math.min(1, drawn.high()));
    }

    /// The difference from another mean over the same clusters, paired by cluster.
    ///
    /// @param other the mean to subtract
    /// @return the difference with its interval
    public Interval less(ClusterMean other) {
        return interval(weights -> weighted(weights) - other.weighted(weights));
    }

    /// The difference from another share over the same clusters, paired by cluster.
    ///
    /// If all values behind one of the two shares are equal, resampling gives that share no spread; the interval's
    /// ends are then the least and the greatest difference between a value in this share's interval and a value in
    /// the other's.
    ///
    /// @param other the share to subtract
    /// @return the difference with its interval
    public Interval shareLess(ClusterMean other) {
        Interval own = share();
        Interval others = other.share();
        boolean isDrawn = own.mean() % 1 != 0 && others.mean() % 1 != 0;
        return isDrawn
                ? less(other)
                : new Interval(own.mean() - others.mean(), own.low() - others.high(), own.high() - others.low());
    }

    private double weighted(double[] weights) {
        double sum = 0;
        double count = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i] * sums[i];
            count += weights[i] * counts[i];
        }
        return sum / count;
    }

    private Interval interval(ToDoubleFunction<double[]> number) {
        UnaryOperator<double[]> numbers = weights -> new double[] {number.applyAsDouble(weights)};
        return new ClusterBootstrap(sums.length, SEED).intervals(numbers).getFirst();
    }
}
