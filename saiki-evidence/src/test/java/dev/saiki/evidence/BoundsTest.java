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
                    wrong = bounds.upper() < rate || bounds.lower() > rate;
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
    void aHistogramKnowsItsQuantilesAndGoesOnFromItsBins() {
        Random random = new Random(SEED);
        LatencyHistogram histogram = new LatencyHistogram(Map.of());
        assertThat(histogram.quantile(0.95)).isNaN();
        for (int i = 0; i < 20_000; i++) {
            histogram.observe(random.nextDouble());
        }
        assertThat(histogram.quantile(0.95)).isBetween(0.94, 0.97);
        LatencyHistogram resumed = new LatencyHistogram(histogram.bins());
        assertThat(resumed.count()).isEqualTo(20_000);
        assertThat(resumed.quantile(0.95)).isEqualTo(histogram.quantile(0.95));
        for (int i = 0; i < 5_000; i++) {
            histogram.observe(Double.POSITIVE_INFINITY);
        }
        assertThat(histogram.quantile(0.95)).isInfinite();
    }
}
