package dev.saiki.checkpoint.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/// The features of a position, and the router that uses only these.
class PositionFeaturesTest {

    @Test
    void sineAndCosineTakeTurnsAtFrequenciesThatFallToNearlyOneTenThousandth() {
        float[] features = new PositionFeatures(6).of(7);

        for (int pair = 0; pair < 3; pair++) {
            double angle = 7 / Math.pow(10_000, 2 * pair / 6.0);
            assertThat(features[2 * pair]).isCloseTo((float) Math.sin(angle), within(1e-7f));
            assertThat(features[2 * pair + 1]).isCloseTo((float) Math.cos(angle), within(1e-7f));
        }
    }

    @Test
    void anOddWidthEndsWithASine() {
        assertThat(new PositionFeatures(1).of(3)).containsExactly((float) Math.sin(3));
        assertThat(new PositionFeatures(3).of(0)).containsExactly(0, 1, 0);
    }
}
