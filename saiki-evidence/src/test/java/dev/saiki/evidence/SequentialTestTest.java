package dev.saiki.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SequentialTestTest {

    private static final GateSettings GATE = new GateSettings(0.1, 0.05, 0.05);

    @Test
    void aCandidateThatIsAlwaysWorseMakesItRetreat() {
        assertThat(after(GATE, 100, 1).decision()).isEqualTo(Decision.RETREAT);
    }

    @Test
    void aCandidateThatIsAlwaysBetterIsPromoted() {
        assertThat(after(GATE, 100, -1).decision()).isEqualTo(Decision.PROMOTE);
    }

    @Test
    void nothingIsDecidedWithoutObservations() {
        assertThat(after(GATE, 0, 1).decision()).isEqualTo(Decision.CONTINUE);
    }

    @Test
    void aTestGoesOnFromItsState() {
        Random random = new Random(7);
        SequentialTest once = SequentialTest.begin(GATE);
        for (int i = 0; i < 130; i++) {
            SequentialTest resumed = SequentialTest.resume(GATE, once.state());
            double difference = random.nextDouble() * 2 - 1;
            once.observe(difference);
            resumed.observe(difference);
            assertThat(resumed.state()).isEqualTo(once.state());
            assertThat(resumed.decision()).isEqualTo(once.decision());
            assertThat(resumed.observed()).isEqualTo(i + 1);
        }
    }

    @Test
    void aStateOfAnotherToleranceOrNoneIsRefused() {
        String state = after(GATE, 3, 0).state();
        assertThatThrownBy(() -> SequentialTest.resume(new GateSettings(0.2, 0.05, 0.05), state))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the test began with tolerance 0.1 and cannot continue with 0.2");
        for (String damaged : List.of("", "{}", "[", state.replace("0.0", "\"x\""), state.replace("shares", "share"))) {
            assertThatThrownBy(() -> SequentialTest.resume(GATE, damaged)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    /// The candidate is good at first, which causes a promotion; then it is worse than tolerated.
    @Test
    void aRetreatComesAfterAPromotionToo() {
        SequentialTest test = after(GATE, 60, -0.5);
        assertThat(test.decision()).isEqualTo(Decision.PROMOTE);
        for (int i = 0; i < 400; i++) {
            test.observe(0.9);
        }
        assertThat(test.decision()).isEqualTo(Decision.RETREAT);
    }

    /// The evidence is the mean of the products of the single stakes.
    @Test
    void theStakeIsAMeanOfFixedOnes() {
        double bound = 1 / 0.55;
        StakeMixture mixture = new StakeMixture(bound, StakeMixture.State.NONE);
        double[] products = new double[StakeMixture.STAKES];
        Arrays.fill(products, 1);
        for (double excess : new double[] {0.45, -0.05, -0.55, 0.2, 0.1, -0.3}) {
            mixture.observe(excess);
            for (int i = 0; i < products.length; i++) {
                products[i] *= 1 + 0.95 * bound / Math.pow(1.5, i) * excess;
            }
        }
        assertThat(Math.exp(mixture.logEvidence()))
                .isCloseTo(Arrays.stream(products).average().orElseThrow(), within(1e-12));
    }

    private static SequentialTest after(GateSettings settings, int observations, double difference) {
        SequentialTest test = SequentialTest.begin(settings);
        for (int i = 0; i < observations; i++) {
            test.observe(difference);
        }
        return test;
    }
}
