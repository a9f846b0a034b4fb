package dev.saiki.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.io.InputException;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class SamplerTest {

    private static final Offset<Double> EXACT = within(1e-7);

    /// Logits whose softmax is 1/10, 4/10, 2/10, 3/10.
    private static final float[] TENTHS = logs(1, 4, 2, 3);

    @Test
    void withoutFiltersTheDistributionIsTheSoftmax() {
        assertThat(Sampler.probabilities(TENTHS, SamplingSettings.UNCHANGED))
                .containsExactly(new double[] {0.1, 0.4, 0.2, 0.3}, EXACT);
    }

    @Test
    void halfTheTemperatureSquaresTheOdds() {
        assertThat(Sampler.probabilities(TENTHS, new SamplingSettings(0.5, 0, 1, 0)))
                .containsExactly(new double[] {1 / 30.0, 16 / 30.0, 4 / 30.0, 9 / 30.0}, EXACT);
    }

    @Test
    void topKKeepsTheLikeliestAndSharesOutTheRest() {
        assertThat(Sampler.probabilities(
                        TENTHS, SamplingSettings.builder().topK(2).build()))
                .containsExactly(new double[] {0, 4 / 7.0, 0, 3 / 7.0}, EXACT);
    }

    @Test
    void topPKeepsTheTokenThatCrossesTheMass() {
        SamplingSettings half = SamplingSettings.builder().topP(0.5).build();
        assertThat(Sampler.probabilities(TENTHS, half)).containsExactly(new double[] {0, 4 / 7.0, 0, 3 / 7.0}, EXACT);
        SamplingSettings little = SamplingSettings.builder().topP(0.01).build();
        assertThat(Sampler.probabilities(TENTHS, little)).containsExactly(new double[] {0, 1, 0, 0}, EXACT);
    }

    @Test
    void topPMeasuresWhatTopKHasLeft() {
        // After top-k, 4/9 and 3/9 add up to 0.78, which exceeds 0.75; without top-k, 0.4 and 0.3 would not.
        SamplingSettings settings =
                SamplingSettings.builder().topK(3).topP(0.75).build();
        assertThat(Sampler.probabilities(TENTHS, settings))
                .containsExactly(new double[] {0, 4 / 7.0, 0, 3 / 7.0}, EXACT);
    }

    @Test
    void minPIsRelativeToTheLikeliest() {
        assertThat(Sampler.probabilities(
                        TENTHS, SamplingSettings.builder().minP(0.6).build()))
                .containsExactly(new double[] {0, 4 / 7.0, 0, 3 / 7.0}, EXACT);
    }

    @Test
    void filtersAllApplyAfterTheTemperature() {
        // At temperature 1/2, the likeliest token's share of 16/30 exceeds 1/2; at temperature 1 it does not.
        SamplingSettings settings =
                SamplingSettings.builder().temperature(0.5).topP(0.5).build();
        assertThat(Sampler.probabilities(TENTHS, settings)).containsExactly(new double[] {0, 1, 0, 0}, EXACT);
    }

    @Test
    void tiesInRankGoToTheLowerId() {
        float[] level = {0f, -0f, 0f, -0f};
        assertThat(Sampler.probabilities(
                        level, SamplingSettings.builder().topK(2).build()))
                .containsExactly(new double[] {0.5, 0.5, 0, 0}, EXACT);
        assertThat(Sampler.likeliest(level)).isZero();
    }

    @Test
    void rankingOrdersNegativeAndPositiveLogits() {
        float[] mixed = {-3f, 2f, -1f, 0.5f, Float.NEGATIVE_INFINITY, -2f};
        double[] kept =
                Sampler.probabilities(mixed, SamplingSettings.builder().topK(4).build());
        assertThat(IntStream.range(0, kept.length).filter(id -> kept[id] > 0)).containsExactly(1, 2, 3, 5);
    }

    @Test
    void greedyTakesTheLikeliestWhateverTheFilters() {
        SamplingSettings settings =
                SamplingSettings.builder().temperature(0).topK(3).topP(0.1).build();
        for (long seed = 0; seed < 20; seed++) {
            assertThat(Sampler.sample(TENTHS, settings, seed, 0)).isEqualTo(1);
        }
    }

    @Test
    void theUniformNumberIsCutAtTheRunningSums() {
        SamplingSettings settings = SamplingSettings.UNCHANGED;
        assertThat(Sampler.sample(TENTHS, settings, 0.0)).isZero();
        assertThat(Sampler.sample(TENTHS, settings, 0.0999)).isZero();
        assertThat(Sampler.sample(TENTHS, settings, 0.1001)).isEqualTo(1);
        assertThat(Sampler.sample(TENTHS, settings, 0.4999)).isEqualTo(1);
        assertThat(Sampler.sample(TENTHS, settings, 0.5001)).isEqualTo(2);
        assertThat(Sampler.sample(TENTHS, settings, 0.7001)).isEqualTo(3);
        assertThat(Sampler.sample(TENTHS, settings, Math.nextDown(1.0))).isEqualTo(3);
    }

    @Test
    void aTokenWithoutProbabilityIsNeverDrawn() {
        float[] logits = {Float.NEGATIVE_INFINITY, 0f, Float.NEGATIVE_INFINITY};
        assertThat(Sampler.sample(logits, SamplingSettings.UNCHANGED, 0.0)).isEqualTo(1);
        assertThat(Sampler.sample(logits, SamplingSettings.UNCHANGED, Math.nextDown(1.0)))
                .isEqualTo(1);
    }

    @Test
    void drawsFollowTheDistribution() {
        int draws = 100_000;
        int[] counts = new int[4];
        for (int position = 0; position < draws; position++) {
            counts[Sampler.sample(TENTHS, SamplingSettings.UNCHANGED, 7, position)]++;
        }
        // Five standard errors of a share of one half, which has the largest standard error.
        Offset<Double> tolerance = within(5 * Math.sqrt(0.25 / draws));
        assertThat(counts[0] / (double) draws).isCloseTo(0.1, tolerance);
        assertThat(counts[1] / (double) draws).isCloseTo(0.4, tolerance);
        assertThat(counts[2] / (double) draws).isCloseTo(0.2, tolerance);
    }

    @Test
    void aDrawDependsOnSeedAndPositionOnly() {
        SamplingSettings settings = new SamplingSettings(0.8, 0, 1, 0);
        int[] forwards = IntStream.range(0, 200)
                .map(at -> Sampler.sample(TENTHS, settings, 3, at))
                .toArray();
        for (int at = 199; at >= 0; at--) {
            assertThat(Sampler.sample(TENTHS, settings, 3, at)).isEqualTo(forwards[at]);
        }
        int[] otherSeed = IntStream.range(0, 200)
                .map(at -> Sampler.sample(TENTHS, settings, 4, at))
                .toArray();
        assertThat(otherSeed).isNotEqualTo(forwards);
    }

    @Test
    void neighbouringSeedsAreUnrelated() {
        double correlation = 0;
        int pairs = 20_000;
        for (int at = 0; at < pairs; at++) {
            correlation += (Sampler.uniform(1, at) - 0.5) * (Sampler.uniform(2, at + 1) - 0.5) * 12;
        }
        assertThat(correlation / pairs).isCloseTo(0, within(5 / Math.sqrt(pairs)));
    }

    @Test
    void logprobIsOfTheUnchangedDistribution() {
        assertThat(new TokenDistribution(TENTHS).logprob(2)).isCloseTo(Math.log(0.2), EXACT);
        assertThat(new TokenDistribution(new float[] {1e30f, 0f}).logprob(0)).isZero();
    }

    @Test
    void everyDistributionAddsUpToOne() {
        long seed = 11;
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            float[] logits = new float[1 + random.nextInt(50)];
            for (int id = 0; id < logits.length; id++) {
                logits[id] = (float) random.nextGaussian() * 5;
            }
            SamplingSettings settings = new SamplingSettings(
                    0.1 + random.nextDouble() * 3, random.nextInt(60), 1 - random.nextDouble(), random.nextDouble());
            double sum = IntStream.range(0, logits.length)
                    .mapToDouble(id -> Sampler.probabilities(logits, settings)[id])
                    .sum();
            assertThat(sum).as("seed %d, round %d, %s", seed, round, settings).isCloseTo(1, within(1e-12));
        }
    }

    @Test
    void brokenLogitsAreAFailureThatNamesTheToken() {
        assertThatThrownBy(() -> Sampler.likeliest(new float[] {0, Float.NaN}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("token 1 is NaN");
        assertThatThrownBy(() -> Sampler.likeliest(new float[] {Float.NEGATIVE_INFINITY}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no finite logit");
    }

    @Test
    void settingsOutOfRangeAreRefusedWithTheirName() {
        assertThatThrownBy(() -> new SamplingSettings(-0.1, 0, 1, 0))
                .isInstanceOf(InputException.class)
                .hasMessage("temperature must be a finite number of at least 0, got -0.1");
        assertThatThrownBy(() -> new SamplingSettings(Double.NaN, 0, 1, 0)).isInstanceOf(InputException.class);
        assertThatThrownBy(
                        () -> SamplingSettings.builder().temperature(0).topK(-1).build())
                .hasMessageContaining("top_k");
        assertThatThrownBy(
                        () -> SamplingSettings.builder().temperature(0).topP(0).build())
                .hasMessageContaining("top_p must be in (0, 1]");
        assertThatThrownBy(() ->
                        SamplingSettings.builder().temperature(0).minP(1.5).build())
                .hasMessageContaining("min_p");
    }

    private static float[] logs(int... weights) {
        float[] logits = new float[weights.length];
        for (int id = 0; id < weights.length; id++) {
            logits[id] = (float) Math.log(weights[id]);
        }
        return logits;
    }
}
