package dev.saiki.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StudentTTest {

    /// Closed forms: tan(pi (p - 1/2)) for one degree, (2p - 1) sqrt(2 / (4p (1 - p))) for two; printed tables
    /// beyond.
    @ParameterizedTest
    @CsvSource({
        "0.975, 1, 12.706204736",
        "0.975, 2, 4.302652730",
        "0.975, 4, 2.776445105",
        "0.975, 9, 2.262157163",
        "0.975, 30, 2.042272456",
        "0.975, 1000, 1.962339081",
        "0.995, 5, 4.032142984",
        "0.025, 9, -2.262157163",
    })
    void quantilesEqualThePrintedOnes(double probability, int freedom, double expected) {
        assertThat(StudentT.quantile(probability, freedom)).isCloseTo(expected, within(1e-8));
    }

    /// Closed forms: 1 - (2 / pi) atan(t) for one degree, 1 - t / sqrt(2 + t²) for two.
    @Test
    void theShareBeyondAValueIsExactFarOutToo() {
        assertThat(StudentT.beyond(12.706204736, 1)).isCloseTo(0.05, within(1e-10));
        assertThat(StudentT.beyond(-12.706204736, 1)).isCloseTo(0.05, within(1e-10));
        assertThat(StudentT.beyond(0, 7)).isEqualTo(1);
        assertThat(StudentT.beyond(1000, 2)).isCloseTo(9.99998500e-7, within(1e-13));
    }

    @Test
    void theMedianIsZero() {
        assertThat(StudentT.quantile(0.5, 3)).isCloseTo(0, within(1e-9));
    }

    @Test
    void manyDegreesApproachTheNormalDistribution() {
        assertThat(StudentT.quantile(0.975, 10_000_000)).isCloseTo(1.959964, within(1e-5));
    }
}
