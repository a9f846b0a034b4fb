package dev.saiki.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class DriftTestTest {

    private static final double LIMIT = 0.1;
    private static final double ERROR = 0.05;

    private static boolean detected(DriftTest test) {
        return test.logEvidence() >= -Math.log(ERROR);
    }

    /// The number of observations until detection, each 1 with a probability, otherwise 0.
    private static int until(DriftTest test, double mean, int most, Random random) {
        int observations = 0;
        while (!detected(test) && observations < most) {
            test.observe(random.nextDouble() < mean ? 1 : 0);
            observations++;
        }
        return observations;
    }

    @Test
    void aMeanAtTheLimitIsSeldomReportedHoweverOftenOneLooks() {
        Random random = new Random(1);
        int wrong = 0;
        for (int run = 0; run < 400; run++) {
            DriftTest test = DriftTest.begin(LIMIT);
            until(test, LIMIT, 1000, random);
            wrong += detected(test) ? 1 : 0;
        }
        assertThat(wrong / 400.0).as("three standard errors above 0.05").isLessThanOrEqualTo(0.083);
    }

    @Test
    void aLongGoodTimeHardlyDelaysTheDetection() {
        int fresh = DriftTest.delay(LIMIT, ERROR, 0, 0.5).orElseThrow();
        int late = DriftTest.delay(LIMIT, ERROR, 10_000, 0.5).orElseThrow();
        assertThat(fresh).isLessThan(30);
        assertThat(late).isBetween(fresh, 70);
    }

    @Test
    void nineOfTenDriftsAreDetectedAsSoonAsForetold() {
        int foretold = DriftTest.delay(LIMIT, ERROR, 500, 0.3).orElseThrow();
        Random random = new Random(2);
        int inTime = 0;
        for (int run = 0; run < 300; run++) {
            DriftTest test = DriftTest.begin(LIMIT);
            for (int good = 0; good < 500; good++) {
                test.observe(0.05);
            }
            inTime += until(test, 0.3, 10_000, random) <= foretold ? 1 : 0;
        }
        assertThat(inTime / 300.0).isGreaterThan(0.85);
    }

    @Test
    void aDriftTooSmallToSeeIsForetoldAsSuch() {
        assertThat(DriftTest.delay(1e-6, ERROR, 0, 2e-6)).isEmpty();
    }

    @Test
    void aStoredTestContinuesToTheLastBit() {
        DriftTest whole = DriftTest.begin(LIMIT);
        DriftTest stored = DriftTest.begin(LIMIT);
        Random random = new Random(3);
        for (int i = 0; i < 100; i++) {
            double number = random.nextDouble();
            whole.observe(number / 8);
            stored = DriftTest.resume(LIMIT, stored.state());
            stored.observe(number / 8);
        }
        assertThat(stored.logEvidence()).isEqualTo(whole.logEvidence());
        assertThat(stored.mean()).isEqualTo(whole.mean());
        assertThat(stored.observed()).isEqualTo(100);
        assertThatThrownBy(() -> DriftTest.resume(LIMIT, "{\"count\":0,\"sum\":0}"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> whole.observe(Double.NaN)).hasMessage("a number must be from 0 to 1, got NaN");
    }
}
