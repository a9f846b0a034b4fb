package dev.saiki.eval.audit;

import dev.saiki.eval.Estimate;
import dev.saiki.eval.Estimate.Cluster;
import dev.saiki.eval.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/// Means, rank correlations and areas under ROC curves of clustered observations, with 95 % intervals.
///
/// The intervals of the correlations and the areas come from leaving out one cluster at a time (the jackknife), so
/// they need no random numbers. Apache Commons Math computes such correlations and areas, but without intervals or
/// clusters, which are most of the work; the library would replace only a sort and two sums.
final class ClusterStatistics {

    private ClusterStatistics() {}

    /// Averages over observations.
    static <T extends Observation> Interval mean(List<T> observations, ToDoubleFunction<T> value) {
        if (observations.isEmpty()) {
            return new Interval(Double.NaN, Double.NaN, Double.NaN);
        }
        Map<Integer, Cluster> clusters = new TreeMap<>();
        for (T observation : observations) {
            clusters.merge(
                    observation.cluster(),
                    new Cluster(1, value.applyAsDouble(observation)),
                    (a, b) -> new Cluster(a.tokens() + b.tokens(), a.sum() + b.sum()));
        }
        return Interval.of(Estimate.overTokens(List.copyOf(clusters.values())));
    }

    /// Computes the share of observations with a property; the interval stays within [0, 1].
    static <T extends Observation> Interval share(List<T> observations, Predicate<T> holds) {
        return within(0, mean(observations, observation -> holds.test(observation) ? 1 : 0));
    }

    /// Clips an interval to the range from a lower bound to 1.
    static Interval within(double least, Interval interval) {
        return new Interval(interval.mean(), Math.max(least, interval.low()), Math.min(1, interval.high()));
    }

    /// Spearman's rank correlation. Ranks are computed once among all observations, and are kept when a cluster is
    /// left out.
    static <T extends Observation> Interval correlation(
            List<T> observations, ToDoubleFunction<T> first, ToDoubleFunction<T> second) {
        double[] x = ranks(observations.stream().mapToDouble(first).toArray());
        double[] y = ranks(observations.stream().mapToDouble(second).toArray());
        Map<Integer, Moments> byCluster = new TreeMap<>();
        for (int i = 0; i < x.length; i++) {
            byCluster.merge(observations.get(i).cluster(), Moments.of(x[i], y[i]), Moments::plus);
        }
        Moments all = byCluster.values().stream().reduce(Moments.NONE, Moments::plus);
        double[] without = byCluster.values().stream()
                .mapToDouble(one -> all.minus(one).correlation())
                .toArray();
        return within(-1, jackknife(all.correlation(), without));
    }

    /// The area under the ROC curve: the probability that an observation with the property has a larger value than
    /// one without it, where ties count half.
    ///
    /// Only observations in the same stratum are compared. Otherwise, a value that is merely larger in strata
    /// where the property is more frequent would seem to discriminate.
    static <T extends Observation> Interval discrimination(
            List<T> observations, ToIntFunction<T> stratum, ToDoubleFunction<T> value, Predicate<T> holds) {
        List<T> sorted = new ArrayList<>(observations);
        sorted.sort(Comparator.comparingInt(stratum).thenComparingDouble(value));
        int[] strata = sorted.stream().mapToInt(stratum).toArray();
        double[] values = sorted.stream().mapToDouble(value).toArray();
        boolean[] positive = new boolean[values.length];
        for (int i = 0; i < positive.length; i++) {
            positive[i] = holds.test(sorted.get(i));
        }
        int[] clusters = sorted.stream().mapToInt(Observation::cluster).toArray();
        double[] without = Arrays.stream(clusters)
                .distinct()
                .mapToDouble(left -> area(strata, values, positive, i -> clusters[i] != left))
                .filter(area -> !Double.isNaN(area))
                .toArray();
        return within(0, jackknife(area(strata, values, positive, _ -> true), without));
    }

    /// The number of pairs of an observation with the property and one without it, and the number of those pairs
    /// in which the observation with the property has the larger value.
    private record Pairs(double wins, double all) {
        Pairs plus(Pairs other) {
            return new Pairs(wins + other.wins, all + other.all);
        }
    }

    private static double area(int[] strata, double[] values, boolean[] positive, IntPredicate kept) {
        Pairs pairs = new Pairs(0, 0);
        for (int from = 0; from < strata.length; ) {
            int to = from;
            while (to < strata.length && strata[to] == strata[from]) {
                to++;
            }
            pairs = pairs.plus(pairs(from, to, values, positive, kept));
            from = to;
        }
        return pairs.wins() / pairs.all();
    }

    private static Pairs pairs(int start, int end, double[] rising, boolean[] positive, IntPredicate kept) {
        double wins = 0;
        long negatives = 0;
        long positives = 0;
        for (int from = start; from < end; ) {
            int to = from;
            long positivesHere = 0;
            long negativesHere = 0;
            while (to < end && rising[to] == rising[from]) {
                positivesHere += kept.test(to) && positive[to] ? 1 : 0;
                negativesHere += kept.test(to) && !positive[to] ? 1 : 0;
                to++;
            }
            wins += positivesHere * (negatives + negativesHere / 2.0);
            positives += positivesHere;
            negatives += negativesHere;
            from = to;
        }
        return new Pairs(wins, (double) positives * negatives);
    }

    /// Ranks from 1; ties have their mean rank.
    static double[] ranks(double[] values) {
        int[] order = IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> values[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] ranks = new double[values.length];
        for (int from = 0; from < order.length; ) {
            int to = from;
            while (to < order.length && values[order[to]] == values[order[from]]) {
                to++;
            }
            for (int i = from; i < to; i++) {
                ranks[order[i]] = (from + 1 + to) / 2.0;
            }
            from = to;
        }
        return ranks;
    }

    /// The interval of an estimate with the variance (m − 1) / m · Σ (θ₍c₎ − mean)² over the m estimates that each
    /// leave out one cluster.
    private static Interval jackknife(double estimate, double[] without) {
        int count = without.length;
        double mean = Arrays.stream(without).average().orElse(Double.NaN);
        double squares =
                Arrays.stream(without).map(one -> (one - mean) * (one - mean)).sum();
        double error = count < 2 ? Double.NaN : Math.sqrt(squares * (count - 1) / count);
        return Interval.of(new Estimate(estimate, error, count));
    }

    /// The sums from which a correlation is computed.
    private record Moments(double count, double x, double y, double xx, double yy, double xy) {

        private static final Moments NONE = new Moments(0, 0, 0, 0, 0, 0);

        static Moments of(double x, double y) {
            return new Moments(1, x, y, x * x, y * y, x * y);
        }

        Moments plus(Moments other) {
            return new Moments(
                    count + other.count, x + other.x, y + other.y, xx + other.xx, yy + other.yy, xy + other.xy);
        }

        Moments minus(Moments other) {
            return new Moments(
                    count - other.count, x - other.x, y - other.y, xx - other.xx, yy - other.yy, xy - other.xy);
        }

        /// Computes a rank correlation, which is NaN if one of the two variables is constant.
        double correlation() {
            double varianceX = count * xx - x * x;
            double varianceY = count * yy - y * y;
            double covariance = count * xy - x * y;
            return varianceX <= 0 || varianceY <= 0 ? Double.NaN : covariance / Math.sqrt(varianceX * varianceY);
        }
    }
}
