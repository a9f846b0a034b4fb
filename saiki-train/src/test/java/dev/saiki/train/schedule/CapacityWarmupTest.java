package dev.saiki.train.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CapacityWarmupTest {

    @Test
    void capacityFallsFromOneToItsTargetAlongACosine() {
        CapacityWarmup warmup = new CapacityWarmup(100);
        assertThat(warmup.effective(0.4, 0)).isEqualTo(1);
        assertThat(warmup.effective(0.4, 50)).isCloseTo(0.7, within(1e-12));
        assertThat(warmup.effective(0.4, 99)).isGreaterThan(0.4);
        assertThat(warmup.effective(0.4, 100)).isEqualTo(0.4);
        assertThat(warmup.effective(0.4, 1000)).isEqualTo(0.4);
    }

    @Test
    void withoutWarmupTheTargetHoldsFromTheFirstStep() {
        assertThat(new CapacityWarmup(0).effective(0.4, 0)).isEqualTo(0.4);
    }
}
