package dev.saiki.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.model.routing.DepthOverrides;
import dev.saiki.testkit.TinyModels;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ThresholdFitTest {

    private static final List<Double> SHARES = List.of(1.0, 0.4, 0.7);

    @ParameterizedTest
    @EnumSource(KeyValueSharing.class)
    void onItsOwnTextTheSharesAreThoseThatWereAskedForToTheToken(KeyValueSharing sharing) {
        ModelConfig config = TinyModels.expertChoice(sharing);
        List<Continuation> text = text();
        try (ModelWeights weights = ModelWeights.initialize(config, 5, false);
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            ThresholdFit fit = new ThresholdFit(
                    (asked, depths, step) ->
                            scorer.confidences(asked, ScoreOptions.CAUSAL.withForced(DepthOverrides.of(depths)), step),
                    text);
            List<Double> thresholds = fit.thresholds(SHARES);
            assertThat(fit.thresholds(SHARES)).isEqualTo(thresholds);
            assertThat(thresholds.getFirst()).isZero();
            long[] took = took(withThresholds(config, thresholds), weights, text);
            assertThat(took[1]).isEqualTo(Math.round(0.4 * took[0]));
            assertThat(took[2]).isEqualTo(Math.round(0.7 * took[1]));
            // Everybody goes on where all are asked for, and the next threshold is then another.
            List<Double> open = fit.thresholds(List.of(1.0, 1.0, 0.7));
            assertThat(open.get(1)).isZero();
            took = took(withThresholds(config, open), weights, text);
            assertThat(took[1]).isEqualTo(took[0]);
            assertThat(took[2]).isEqualTo(Math.round(0.7 * took[0]));
        }
    }

    @Test
    void thresholdsLieBetweenScores() {
        float[] scores = {0.1f, 0.2f, 0.6f, 0.9f};
        assertThat(ThresholdFit.between(scores, 0.5)).isGreaterThan(0.2f).isLessThan(0.6f);
        assertThat(ThresholdFit.between(scores, 0.75)).isGreaterThan(0.1f).isLessThan(0.2f);
        assertThat(ThresholdFit.between(scores, 0.01)).isGreaterThan(0.6f).isLessThanOrEqualTo(0.9f);
        assertThat(ThresholdFit.between(scores, 0.99)).isEqualTo(0.1f);
        assertThat(ThresholdFit.between(new float[] {0, 1}, 0.5)).isEqualTo(Math.nextDown(1f));
        assertThat(ThresholdFit.between(new float[] {0, 0}, 0.5)).isEqualTo(Float.MIN_NORMAL);
    }

    @Test
    void equalScoresGoTheSameWayAndNeverNobodyGoesOn() {
        float[] mostlyEqual = {0.3f, 0.3f, 0.3f, 0.8f};
        assertThat(ThresholdFit.between(mostlyEqual, 0.5)).isGreaterThan(0.3f);
        assertThat(ThresholdFit.between(mostlyEqual, 0.9)).isEqualTo(0.3f);
        assertThat(ThresholdFit.between(new float[] {0.3f, 0.3f, 0.3f}, 0.1)).isEqualTo(0.3f);
    }

    private static List<Continuation> text() {
        Random random = new Random(3);
        return IntStream.range(0, 40)
                .mapToObj(_ -> new Continuation(
                        random.ints(10 + random.nextInt(22), 0, TinyModels.VOCABULARY)
                                .toArray(),
                        1))
                .toList();
    }

    private static ModelConfig withThresholds(ModelConfig config, List<Double> thresholds) {
        Routing.ExpertChoice routing = (Routing.ExpertChoice) config.routing();
        Routing changed =
                new Routing.ExpertChoice(routing.router(), routing.capacity(), thresholds, routing.causalBy());
        return config.withRecursion(config.recursion(), changed, config.kvSharing());
    }

    /// The number of tokens that took each step.
    private static long[] took(ModelConfig config, ModelWeights weights, List<Continuation> text) {
        Map<String, StoredTensor> tensors =
                weights.stored().stream().collect(Collectors.toMap(StoredTensor::name, tensor -> tensor));
        long[] took = new long[3];
        try (ModelWeights changed = ModelWeights.of(config, tensors);
                TeacherForcedScorer scorer = new TeacherForcedScorer(changed, Precision.FLOAT32)) {
            for (ScoredContinuation scored : scorer.scoreEnds(text, ScoreOptions.CAUSAL)) {
                for (int step = 0; step < 3; step++) {
                    int deeperThan = step;
                    took[step] += Arrays.stream(scored.depths())
                            .filter(depth -> depth > deeperThan)
                            .count();
                }
            }
        }
        return took;
    }
}
