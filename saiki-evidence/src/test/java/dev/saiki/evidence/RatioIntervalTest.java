package dev.saiki.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RatioIntervalTest {

    /// 6 over 4 is 1.5; the conversations are 1 less and 1 more than that, so it is 1.645 times the root of 2, over
    /// 4.
    @Test
    void itIsAsByHand() {
        RatioInterval interval = RatioInterval.of(
                List.of(new RatioInterval.Sums(2, 2), new RatioInterval.Sums(3, 1).and(new RatioInterval.Sums(1, 1))));
        double half = 1.645 * Math.sqrt(2) / 4;
        assertThat(interval.mean()).isCloseTo(1.5, within(1e-12));
        assertThat(interval.low()).isCloseTo(1.5 - half, within(1e-12));
        assertThat(interval.high()).isCloseTo(1.5 + half, within(1e-12));
        assertThat(interval.count()).isEqualTo(2);
    }

    @Test
    void itHoldsTheRatioNineTimesInTen() {
        Random random = new Random(1);
        int held = 0;
        for (int round = 0; round < 1000; round++) {
            List<RatioInterval.Sums> conversations = new ArrayList<>();
            for (int conversation = 0; conversation < 60; conversation++) {
                double below = 1 + random.nextInt(9);
                conversations.add(new RatioInterval.Sums(below * 0.8 * (0.5 + random.nextDouble()), below));
            }
            RatioInterval interval = RatioInterval.of(conversations);
            held += interval.low() <= 0.8 && 0.8 <= interval.high() ? 1 : 0;
        }
        assertThat(held).isBetween(870, 930);
    }
}
