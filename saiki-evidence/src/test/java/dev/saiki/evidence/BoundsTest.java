package dev.saiki.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BoundsTest {

    private static final long SEED = 20261127;
    private static final double ERROR = 0.05;
    private static final int RUNS = 200;

    /// Three standard errors above 0.05 in 200 runs.
    private static final double MOST_MISSED = 0.0962;

    @Test
    void boundsOnARateHoldAtEveryLookTogether() {
        for (double rate : new double[] {0.01, 0.3}) {
            Random random = new Random(SEED);
            int missed = 0;
            for (int run = 0; run < RUNS; run++) {
                long failures = 0;
                boolean wrong = false;
                for (int count = 1; count <= 500 && !wrong; count++) {
                    failures += random.nextDouble() < rate ? 1 : 0;
                    RateBounds bounds = new RateBounds(count, failures, ERROR);
                    wrong = bounds.isBelow(rate, failures) || bounds.isAbove(rate, failures);
                }
                missed += wrong ? 1 : 0;
            }
            assertThat((double) missed / RUNS).isLessThanOrEqualTo(MOST_MISSED);
        }
    }

    @Test
    void boundsOnARateNarrowAndSurroundTheData() {
        RateBounds some = new RateBounds(1000, 10, ERROR);
        assertThat(some.lower()).isBetween(0.002, 0.01);
        assertThat(some.upper()).isBetween(0.01, 0.03);
        RateBounds more = new RateBounds(100_000, 1000, ERROR);
        assertThat(more.lower()).isBetween(0.0085, 0.01);
        assertThat(more.upper()).isBetween(0.01, 0.0115);
        RateBounds none = new RateBounds(500, 0, ERROR);
        assertThat(none.lower()).isZero();
        assertThat(none.upper()).isLessThan(0.016);
        RateBounds all = new RateBounds(500, 500, ERROR);
        assertThat(all.upper()).isEqualTo(1);
        assertThat(all.lower()).isGreaterThan(0.984);
        assertThat(new RateBounds(0, 0, ERROR).upper()).isEqualTo(1);
    }

    @Test
    void boundsOnAQuantileHoldAtEveryLookTogether() {
        Random random = new Random(SEED);
        double truth = -Math.log(0.1);
        int missed = 0;
        for (int run = 0; run < RUNS; run++) {
            LatencyHistogram histogram = new LatencyHistogram(Map.of());
            boolean wrong = false;
            for (int count = 1; count <= 300 && !wrong; count++) {
                histogram.observe(-Math.log(random.nextDouble()));
                if (count % 10 == 0) {
                    LatencyHistogram.Bounds bounds = histogram.quantile(0.9, ERROR);
                    wrong = bounds.low() > truth || bounds.high() < truth;
                }
            }
            missed += wrong ? 1 : 0;
        }
        assertThat((double) missed / RUNS).isLessThanOrEqualTo(MOST_MISSED);
    }

    @Test
    void boundsOnAQuantileNarrowAndGoOnFromTheirBins() {
        Random random = new Random(SEED);
        LatencyHistogram histogram = new LatencyHistogram(Map.of());
        assertThat(histogram.quantile(0.95, ERROR)).isEqualTo(new LatencyHistogram.Bounds(0, Double.POSITIVE_INFINITY));
        for (int i = 0; i < 20_000; i++) {
            histogram.observe(random.nextDouble());
        }
        LatencyHistogram.Bounds bounds = histogram.quantile(0.95, ERROR);
        assertThat(bounds.low()).isBetween(0.92, 0.951);
        assertThat(bounds.high()).isBetween(0.949, 0.98);
        LatencyHistogram resumed = new LatencyHistogram(histogram.bins());
        assertThat(resumed.count()).isEqualTo(20_000);
        assertThat(resumed.quantile(0.95, ERROR)).isEqualTo(bounds);
        for (int i = 0; i < 5_000; i++) {
            histogram.observe(Double.POSITIVE_INFINITY);
        }
        assertThat(histogram.quantile(0.95, ERROR).low()).isBetween(0.98, 1.02);
        assertThat(histogram.quantile(0.95, ERROR).high()).isInfinite();
    }
}
