package dev.saiki.eval.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.eval.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClusterStatisticsTest {

    private record Point(int cluster, double x, double y) implements Observation {}

    private static List<Point> points(double[] x, double[] y) {
        return IntStream.range(0, x.length)
                .mapToObj(i -> new Point(i, x[i], y[i]))
                .toList();
    }

    @Test
    void theMeanOfSinglesHasStudentsInterval() {
        Interval mean = ClusterStatistics.mean(points(new double[] {1, 2, 3, 4}, new double[4]), Point::x);
        // s = 1.2910, s / √4 = 0.6455, t(0.975, 3) = 3.18245
        assertThat(mean.mean()).isCloseTo(2.5, within(1e-12));
        assertThat(mean.high() - mean.mean()).isCloseTo(3.18245 * 0.645497, within(1e-4));
        assertThat(mean.mean() - mean.low()).isCloseTo(mean.high() - mean.mean(), within(1e-12));
    }

    @Test
    void nothingToAverageIsNotANumber() {
        assertThat(ClusterStatistics.mean(List.<Point>of(), Point::x).mean()).isNaN();
        assertThat(ClusterStatistics.mean(List.of(new Point(0, 1, 1)), Point::x).low())
                .isNaN();
    }

    @Test
    void anIntervalOfASharestaysBetweenZeroAndOne() {
        Interval share = ClusterStatistics.share(points(new double[] {1, 0}, new double[2]), point -> point.x() > 0);
        assertThat(share.mean()).isEqualTo(0.5);
        assertThat(share.low()).isZero();
        assertThat(share.high()).isEqualTo(1);
    }

    @Test
    void intervalsOfAreasAndCorrelationsStayWithinWhatIsPossible() {
        List<Point> points = points(new double[] {1, 2, 3, 4, 5, 6}, new double[] {0, 1, 0, 0, 1, 1});
        Interval area = ClusterStatistics.discrimination(points, _ -> 0, Point::x, point -> point.y() > 0);
        assertThat(area.mean()).isBetween(0.7, 0.8);
        assertThat(area.high()).isEqualTo(1);
        Interval correlation = ClusterStatistics.correlation(points, Point::x, point -> -Math.pow(point.x() - 1.6, 2));
        assertThat(correlation.mean()).isBetween(-1.0, -0.8);
        assertThat(correlation.low()).isEqualTo(-1);
    }

    @Test
    void equalsShareTheMeanOfTheirPlaces() {
        assertThat(ClusterStatistics.ranks(new double[] {5, 1, 5, 2, 5})).containsExactly(4, 1, 4, 2, 4);
    }

    @Test
    void rankCorrelationHasItsTextbookValues() {
        assertThat(ClusterStatistics.correlation(
                                points(new double[] {1, 2, 3, 4, 5}, new double[] {2, 1, 4, 3, 5}), Point::x, Point::y)
                        .mean())
                .isCloseTo(0.8, within(1e-12));
        assertThat(ClusterStatistics.correlation(
                                points(new double[] {1, 2, 3, 4}, new double[] {1, 8, 27, 64}), Point::x, Point::y)
                        .mean())
                .isCloseTo(1, within(1e-12));
        assertThat(ClusterStatistics.correlation(
                                points(new double[] {1, 2, 3, 4}, new double[] {9, 4, 1, 0}), Point::x, Point::y)
                        .mean())
                .isCloseTo(-1, within(1e-12));
        assertThat(ClusterStatistics.correlation(
                                points(new double[] {1, 2, 3, 4}, new double[] {7, 7, 7, 7}), Point::x, Point::y)
                        .mean())
                .isNaN();
    }

    @Test
    void discriminationCountsPairsAndHalvesTies() {
        double[] values = {1, 2, 3, 4};
        assertThat(discrimination(values, 0, 1, 0, 1)).isCloseTo(0.75, within(1e-12));
        assertThat(discrimination(values, 0, 0, 1, 1)).isCloseTo(1, within(1e-12));
        assertThat(discrimination(values, 1, 1, 0, 0)).isZero();
        assertThat(discrimination(new double[] {2, 2, 2, 2}, 0, 1, 0, 1)).isEqualTo(0.5);
        assertThat(discrimination(values, 1, 1, 1, 1)).isNaN();
    }

    @Test
    void aValueThatOnlyTellsStrataApartDiscriminatesNothing() {
        // In the first stratum few hold and values are low, in the second most hold and values are high.
        List<Point> points = points(new double[] {1, 1, 1, 1, 2, 2, 2, 2}, new double[] {0, 1, 0, 0, 1, 1, 0, 1});
        assertThat(ClusterStatistics.discrimination(points, _ -> 0, Point::x, point -> point.y() > 0)
                        .mean())
                .isCloseTo(0.75, within(1e-12));
        assertThat(ClusterStatistics.discrimination(points, point -> (int) point.x(), Point::x, point -> point.y() > 0)
                        .mean())
                .isEqualTo(0.5);
    }

    private static double discrimination(double[] values, double... positive) {
        return ClusterStatistics.discrimination(points(values, positive), _ -> 0, Point::x, point -> point.y() > 0)
                .mean();
    }

    /// Clusters of similar tokens, for which an interval that treats tokens as independent would be far too
    /// narrow.
    @Test
    void intervalsHoldTheTruthAboutAsOftenAsTheySay() {
        long seed = 17;
        Random random = new Random(seed);
        int worlds = 300;
        int mean = 0;
        int correlation = 0;
        int area = 0;
        for (int world = 0; world < worlds; world++) {
            List<Point> points = new ArrayList<>();
            for (int cluster = 0; cluster < 20; cluster++) {
                double shift = random.nextGaussian();
                double other = random.nextGaussian();
                for (int i = 0; i < 15; i++) {
                    points.add(new Point(cluster, shift + random.nextGaussian(), other + random.nextGaussian()));
                }
            }
            mean += holds(ClusterStatistics.mean(points, Point::x), 0);
            correlation += holds(ClusterStatistics.correlation(points, Point::x, Point::y), 0);
            area += holds(ClusterStatistics.discrimination(points, _ -> 0, Point::x, point -> point.y() > 0), 0.5);
        }
        for (int held : new int[] {mean, correlation, area}) {
            assertThat((double) held / worlds).as("seed %d", seed).isBetween(0.90, 0.99);
        }
    }

    private static int holds(Interval interval, double truth) {
        return interval.low() <= truth && truth <= interval.high() ? 1 : 0;
    }
}
