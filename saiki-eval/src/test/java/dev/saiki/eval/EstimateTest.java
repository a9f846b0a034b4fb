package dev.saiki.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.eval.Estimate.Cluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EstimateTest {

    @Test
    void clustersOfEqualSizeGiveTheUsualStandardError() {
        // Means 1, 2 and 6: mean 3, sample variance 7, standard error sqrt(7/3).
        Estimate estimate = Estimate.overTokens(List.of(new Cluster(10, 10), new Cluster(10, 20), new Cluster(10, 60)));
        assertThat(estimate.mean()).isCloseTo(3, within(1e-12));
        assertThat(estimate.standardError()).isCloseTo(Math.sqrt(7 / 3.0), within(1e-12));
        assertThat(estimate.clusters()).isEqualTo(3);
    }

    @Test
    void clustersOfUnequalSizeAreWeighedByTokens() {
        // M = 50/40 = 1.25; residuals 10 - 12.5 and 40 - 37.5; variance 2 * 12.5 / 40^2.
        Estimate estimate = Estimate.overTokens(List.of(new Cluster(10, 10), new Cluster(30, 40)));
        assertThat(estimate.mean()).isCloseTo(1.25, within(1e-12));
        assertThat(estimate.standardError()).isCloseTo(Math.sqrt(25) / 40, within(1e-12));
    }

    @Test
    void oneClusterHasNoStandardError() {
        Estimate estimate = Estimate.overTokens(List.of(new Cluster(10, 10)));
        assertThat(estimate.standardError()).isNaN();
        assertThat(estimate.margin(0.95)).isNaN();
    }

    @Test
    void theIntervalHoldsTheTruthAsOftenAsItSays() {
        long seed = 3;
        Random random = new Random(seed);
        int hits = 0;
        int rounds = 2000;
        for (int round = 0; round < rounds; round++) {
            List<Cluster> clusters = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                int tokens = 90 + random.nextInt(20);
                clusters.add(new Cluster(tokens, tokens * (4 + random.nextGaussian())));
            }
            Estimate estimate = Estimate.overTokens(clusters);
            if (Math.abs(estimate.mean() - 4) <= estimate.margin(0.95)) {
                hits++;
            }
        }
        assertThat(hits / (double) rounds).as("seed %d", seed).isCloseTo(0.95, within(0.02));
    }

    @Test
    void nothingCannotBeAveraged() {
        assertThatThrownBy(() -> Estimate.overTokens(List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
