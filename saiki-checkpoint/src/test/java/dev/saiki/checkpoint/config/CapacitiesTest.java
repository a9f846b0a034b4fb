package dev.saiki.checkpoint.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CapacitiesTest {

    @Test
    void selectedCountsAreThePapers() {
        assertThat(counts(2, 2048)).containsExactly(2048, 1024);
        assertThat(counts(3, 2048)).containsExactly(2048, 1365, 682);
        assertThat(counts(4, 2048)).containsExactly(2048, 1536, 1024, 512);
    }

    @Test
    void atLeastOneTokenIsSelected() {
        assertThat(Capacities.tokens(0.01, 5)).isEqualTo(1);
        assertThat(Capacities.tokens(1, 1)).isEqualTo(1);
    }

    @Test
    void fractionsAreExact() {
        for (int steps = 1; steps <= 64; steps++) {
            List<Double> shares = Capacities.balanced(steps);
            for (int length = 1; length <= 4096; length += 7) {
                for (int step = 0; step < steps; step++) {
                    int exact = Math.max(1, (int) ((long) (steps - step) * length / steps));
                    assertThat(Capacities.tokens(shares.get(step), length))
                            .as("step %d of %d, length %d", step, steps, length)
                            .isEqualTo(exact);
                }
            }
        }
    }

    private static List<Integer> counts(int steps, int length) {
        return Capacities.balanced(steps).stream()
                .map(share -> Capacities.tokens(share, length))
                .toList();
    }
}
