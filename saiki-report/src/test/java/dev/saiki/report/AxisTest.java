package dev.saiki.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AxisTest {

    @Test
    void ticksAreRoundAndInside() {
        assertThat(Axis.of(3.37, 6.3, 0, 1).ticks()).containsExactly(3.5, 4.0, 4.5, 5.0, 5.5, 6.0);
        assertThat(Axis.of(0, 6.1e13, 0, 1).ticks()).containsExactly(0.0, 1e13, 2e13, 3e13, 4e13, 5e13, 6e13);
    }

    @Test
    void ticksCarryAsManyDecimalsAsTheyNeed() {
        assertThat(Axis.of(3.37, 6.3, 0, 1).tickDecimals()).isOne();
        assertThat(Axis.of(3.40, 3.52, 0, 1).tickDecimals()).isEqualTo(2);
        assertThat(Axis.of(0, 500, 0, 1).tickDecimals()).isZero();
    }

    @Test
    void valuesArePlacedLinearlyAlsoUpsideDown() {
        Axis axis = Axis.of(2, 4, 300, 100);
        assertThat(axis.place(2)).isEqualTo(300);
        assertThat(axis.place(3)).isCloseTo(200, within(1e-9));
        assertThat(axis.place(4)).isCloseTo(100, within(1e-9));
    }

    @Test
    void aSingleValueStillHasAPlace() {
        assertThat(Axis.of(5, 5, 0, 100).place(5)).isCloseTo(50, within(1e-9));
        assertThat(Axis.of(0, 0, 0, 100).ticks()).isNotEmpty();
    }

    @Test
    void equalFactorsAreEquallyLongOnALogarithmicAxis() {
        Axis axis = Axis.logarithmic(1e4, 1e6, 0, 100);
        assertThat(axis.place(1e5)).isCloseTo(50, within(1e-9));
        assertThat(axis.ticks()).containsExactly(1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6);
        assertThat(Axis.logarithmic(1, 1e6, 0, 1).ticks()).containsExactly(1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6);
        assertThat(Axis.logarithmic(7, 7, 0, 100).place(7)).isCloseTo(50, within(1e-9));
        assertThat(Axis.logarithmic(3.6e6, 3.8e6, 0, 1).ticks()).hasSizeGreaterThan(2);
    }
}
