package dev.saiki.rollout.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SequentialTestsTest {

    private static final GateSettings GATE = new GateSettings(0.1, 0.05, 0.05);

    @Test
    void aCandidateThatIsAlwaysWorseMakesItRetreat() {
        assertThat(after(100, 1).decision()).isEqualTo(Decision.RETREAT);
    }

    @Test
    void aCandidateThatIsAlwaysBetterIsPromoted() {
        assertThat(after(100, -1).decision()).isEqualTo(Decision.PROMOTE);
    }

    @Test
    void nothingIsDecidedWithoutObservations() {
        assertThat(after(0, 1).decision()).isEqualTo(Decision.CONTINUE);
    }

    @Test
    void aTestGoesOnFromItsState() {
        SequentialTest once = after(5, 0.3);
        SequentialTest resumed = SequentialTests.resume(GATE, once.state());
        once.observe(-0.2);
        resumed.observe(-0.2);
        assertThat(resumed.state()).isEqualTo(once.state());
        assertThat(resumed.observed()).isEqualTo(6);
    }

    private static SequentialTest after(int observations, double difference) {
        SequentialTest test = SequentialTests.of(GATE);
        for (int i = 0; i < observations; i++) {
            test.observe(difference);
        }
        return test;
    }
}
