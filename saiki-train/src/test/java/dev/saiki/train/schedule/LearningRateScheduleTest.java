package dev.saiki.train.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {

    private static final double PEAK = 3e-3;

    /// Check 13 of the project's fact sheet: the released 360M configuration.
    @Test
    void trapezoidOf9438StepsIsAtItsPeakFromStep57To7549AndThenFallsInAStraightLine() {
        WarmupStableDecay schedule = new WarmupStableDecay(PEAK, 9438, 57, 1888, 0);
        assertThat(schedule.at(0)).isZero();
        for (long step = 1; step < 57; step++) {
            assertThat(schedule.at(step)).as("step %d", step).isCloseTo(PEAK * step / 57, within(1e-18));
            assertThat(schedule.at(step)).isLessThan(PEAK);
        }
        for (long step = 57; step <= 7549; step++) {
            assertThat(schedule.at(step)).as("step %d", step).isEqualTo(PEAK);
        }
        for (long step = 7550; step < 9438; step++) {
            double expected = PEAK * (1 - (step - 7550) / 1888.0);
            assertThat(schedule.at(step)).as("step %d", step).isCloseTo(expected, within(1e-18));
        }
        assertThat(schedule.at(7551)).isLessThan(PEAK);
        assertThat(schedule.at(9437)).isCloseTo(PEAK / 1888, within(1e-15));
        assertThat(schedule.at(9438)).isZero();
    }

    @Test
    void trapezoidEndsAtItsFloor() {
        WarmupStableDecay schedule = new WarmupStableDecay(1, 100, 0, 50, 0.1);
        assertThat(schedule.at(0)).isEqualTo(1);
        assertThat(schedule.at(75)).isCloseTo(0.55, within(1e-12));
        assertThat(schedule.at(100)).isCloseTo(0.1, within(1e-12));
    }

    @Test
    void cosineStartsAtThePeakAfterItsWarmupAndEndsAtItsFloor() {
        CosineWithWarmup schedule = new CosineWithWarmup(PEAK, 4768, 238, 0.1);
        assertThat(schedule.at(119)).isCloseTo(PEAK / 2, within(1e-15));
        assertThat(schedule.at(238)).isEqualTo(PEAK);
        assertThat(schedule.at((4768 + 238) / 2)).isCloseTo(PEAK * 0.55, within(1e-9));
        assertThat(schedule.at(4768)).isCloseTo(PEAK * 0.1, within(1e-15));
    }

    @Test
    void partsLongerThanTheRunAreRefused() {
        assertThatThrownBy(() -> new WarmupStableDecay(PEAK, 100, 60, 60, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("longer than the run");
        assertThatThrownBy(() -> new CosineWithWarmup(PEAK, 100, 101, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
