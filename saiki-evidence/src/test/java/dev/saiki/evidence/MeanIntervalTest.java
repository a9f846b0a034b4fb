package dev.saiki.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MeanIntervalTest {

    @Test
    void itHasTheMeanInItAndNarrows() {
        SplittableRandom random = new SplittableRandom(7);
        int outside = 0;
        double width = 2;
        for (int count : new int[] {20, 200, 2000}) {
            for (int trial = 0; trial < 50; trial++) {
                double[] numbers = random.doubles(count)
                        .map(number -> number < 0.1 ? 1 : number < 0.15 ? -1 : 0)
                        .toArray();
                MeanInterval interval = MeanInterval.of(numbers, -1, 1, 0.1);
                assertThat(interval.low()).isLessThanOrEqualTo(interval.mean());
                assertThat(interval.high()).isGreaterThanOrEqualTo(interval.mean());
                outside += interval.low() > 0.05 || interval.high() < 0.05 ? 1 : 0;
                if (trial == 0) {
                    assertThat(interval.high() - interval.low()).isLessThan(width);
                    width = interval.high() - interval.low();
                }
            }
        }
        assertThat(outside).isLessThanOrEqualTo(15);
        assertThat(width).isLessThan(0.1);
    }

    @Test
    void numbersThatAreAllAlikeLeaveRoomForOthers() {
        MeanInterval interval = MeanInterval.of(new double[100], -1, 1, 0.1);
        assertThat(interval.mean()).isZero();
        assertThat(interval.high()).isBetween(0.01, 0.2);
        assertThat(interval.low()).isBetween(-0.2, -0.01);
        assertThat(interval.count()).isEqualTo(100);
    }
}
