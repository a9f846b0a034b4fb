package dev.saiki.eval.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NumbersTest {

    @Test
    void smallProbabilitiesAreBoundedAndNotRoundedToNothing() {
        assertThat(Numbers.probability(0.0418)).isEqualTo("0.042");
        assertThat(Numbers.probability(0.0501)).isEqualTo("0.051");
        assertThat(Numbers.probability(0.05)).isEqualTo("0.050");
        assertThat(Numbers.probability(0.00099)).isEqualTo("<0.001");
        assertThat(Numbers.probability(1)).isEqualTo("1.000");
        assertThat(Numbers.probability(Double.NaN)).isEqualTo("–");
    }

    @Test
    void metricPrefixesKeepThreeDigits() {
        assertThat(Numbers.metric(0)).isEqualTo("0");
        assertThat(Numbers.metric(7)).isEqualTo("7");
        assertThat(Numbers.metric(0.5)).isEqualTo("0.50");
        assertThat(Numbers.metric(999)).isEqualTo("999");
        assertThat(Numbers.metric(999.6)).isEqualTo("1.00 k");
        assertThat(Numbers.metric(12_345_678)).isEqualTo("12.3 M");
        assertThat(Numbers.metric(555_636_053)).isEqualTo("556 M");
        assertThat(Numbers.metric(4.2e15)).isEqualTo("4.20 P");
    }

    @Test
    void signsArePrinted() {
        assertThat(Numbers.signed(0.0123, 3)).isEqualTo("+0.012");
        assertThat(Numbers.signed(-0.5, 2)).isEqualTo("−0.50");
    }

    @Test
    void whatIsNotANumberIsADash() {
        assertThat(Numbers.fixed(Double.NaN, 2)).isEqualTo("–");
        assertThat(Numbers.signed(Double.NaN, 2)).isEqualTo("–");
    }

    @Test
    void significantNumbersHaveThreeDigits() {
        assertThat(Numbers.significant(0.012345)).isEqualTo("0.0123");
        assertThat(Numbers.significant(1.5)).isEqualTo("1.50");
        assertThat(Numbers.significant(12345)).isEqualTo("12345");
        assertThat(Numbers.significant(0)).isEqualTo("0");
        assertThat(Numbers.significant(Double.POSITIVE_INFINITY)).isEqualTo("–");
    }
}
