package dev.saiki.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class IntervalTest {

    @Test
    void anIntervalIsAsWideAsTheTablesSayForTheBestOfSeveral() {
        assertThat(Interval.widening(1, 7)).isEqualTo(1);
        // t(0.995, 5) over t(0.975, 5).
        assertThat(Interval.widening(5, 5)).isCloseTo(4.0321 / 2.5706, within(1e-4));
        // With few observations the tail is long.
        assertThat(Interval.widening(5, 2)).isCloseTo(9.9248 / 4.3027, within(1e-4));
    }

    /// Of five models that are as good as the first, the one that looks best is called better in at most about
    /// one of forty cases.
    @Test
    void theBestOfSeveralThatAreEquallyGoodIsRarelyCalledBetter() {
        Random random = new Random(11);
        int trials = 2000;
        int wrong = 0;
        int wrongWithoutCare = 0;
        double widening = Interval.widening(5, 19);
        for (int trial = 0; trial < trials; trial++) {
            double best = Double.POSITIVE_INFINITY;
            double bestWithoutCare = Double.POSITIVE_INFINITY;
            for (int model = 0; model < 5; model++) {
                PairedDifference difference = PairedDifference.of(
                        Estimate.of(random.doubles(20).map(x -> x - 0.5).boxed().toList()), TextScore.Unit.DOCUMENT);
                double half = difference.high() - difference.mean();
                best = Math.min(best, difference.mean() + widening * half);
                bestWithoutCare = Math.min(bestWithoutCare, difference.high());
            }
            wrong += best < 0 ? 1 : 0;
            wrongWithoutCare += bestWithoutCare < 0 ? 1 : 0;
        }
        assertThat((double) wrong / trials).isBetween(0.012, 0.04);
        assertThat((double) wrongWithoutCare / trials).isGreaterThan(0.08);
    }
}
