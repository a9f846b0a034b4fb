package dev.saiki.model;

import static dev.saiki.testkit.NativeAssertions.assertNoNativeLeak;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.io.InputException;
import dev.saiki.model.routing.RouterThresholds;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import dev.saiki.testkit.TinyModels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Expert-threshold routing, at every effort. The grid of the tiny model is 0.25, 0.5, 0.75, 1.
class ExpertThresholdTest {

    private static final List<Double> EFFORTS = List.of(0.25, 0.3, 0.5, 0.6, 0.75, 0.9, 1.0);
    private static final int TIME = 24;

    private ModelWeights weights = weights(KeyValueSharing.NONE);

    @AfterEach
    void freeWeights() {
        weights.close();
    }

    // ---- what a token's depth depends on -------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource(KeyValueSharing.class)
    void laterTokensChangeNoEarlierLogprobOrDepthAtAnyEffort(KeyValueSharing sharing) {
        replaceWeights(sharing);
        Random random = new Random(3);
        try (TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            for (double effort : EFFORTS) {
                int[] ids = sequence(random);
                int changed = 1 + random.nextInt(TIME - 1);
                int[] other = ids.clone();
                for (int t = changed; t < TIME; t++) {
                    other[t] = (ids[t] + 1 + random.nextInt(TinyModels.VOCABULARY - 1)) % TinyModels.VOCABULARY;
                }
                ScoredSequence before = scorer.score(List.of(ids), at(effort)).getFirst();
                ScoredSequence after = scorer.score(List.of(other), at(effort)).getFirst();
                for (int t = 0; t < changed; t++) {
                    assertThat(after.depths()[t]).isEqualTo(before.depths()[t]);
                    if (t > 0) {
                        assertThat(after.logprobs()[t]).isCloseTo(before.logprobs()[t], within(1e-4f));
                    }
                }
            }
        }
    }

    @Test
    void otherSequencesOfTheBatchChangeNoDepth() {
        List<int[]> sequences = sequences(6);
        try (TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            List<ScoredSequence> together = scorer.score(sequences, ScoreOptions.CAUSAL);
            for (int i = 0; i < sequences.size(); i++) {
                assertThat(together.get(i).depths())
                        .isEqualTo(scorer.score(List.of(sequences.get(i)), ScoreOptions.CAUSAL)
                                .getFirst()
                                .depths());
            }
        }
    }

    // ---- the dial ------------------------------------------------------------------------------------------------

    @Test
    void moreEffortMakesNoTokenShallowerAtTheFirstDecisionAndTheMeanDepthRises() {
        List<int[]> sequences = sequences(8);
        try (TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            boolean[] wentOn = new boolean[sequences.size() * TIME];
            double meanDepth = 0;
            for (double effort : EFFORTS) {
                int[] depths = depths(scorer, sequences, effort);
                for (int i = 0; i < depths.length; i++) {
                    assertThat(depths[i] > 1 || !wentOn[i])
                            .describedAs("token %d went on with less effort than %s", i, effort)
                            .isTrue();
                    wentOn[i] = depths[i] > 1;
                }
                double mean = Arrays.stream(depths).average().orElseThrow();
                assertThat(mean).isGreaterThan(meanDepth);
                meanDepth = mean;
            }
            assertThat(meanDepth).isEqualTo(3);
        }
    }

    @Test
    void effortOneTakesEveryRecursionWhateverTheRoutersSay() {
        multiplyRouters(1000);
        try (TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            assertThat(depths(scorer, sequences(4), 1)).containsOnly(3);
        }
    }

    @Test
    void noEffortIsTheDefaultEffort() {
        try (TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            assertThat(depths(scorer, sequences(4), Double.NaN)).isEqualTo(depths(scorer, sequences(4), 0.5));
        }
    }

    @Test
    void effortZeroIsOnePass() {
        try (TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            assertThat(depths(scorer, sequences(4), 0)).isNotEqualTo(depths(scorer, sequences(4), 1));
            assertThat(scorer.logits(sequences(4), at(0)))
                    .isEqualTo(
                            scorer.logits(sequences(4), new ScoreOptions(RoutingRequest.Rule.CAUSAL, 1, Double.NaN)));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.2499, -1, 1.0001, Double.POSITIVE_INFINITY})
    void effortOutsideTheGridIsRefusedNamingTheLeast(double effort) {
        try (TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            assertThatThrownBy(() -> scorer.score(sequences(1), at(effort)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(
                            "effort must be 0, which is one pass, or from 0.25, the lowest effort that this model")
                    .hasMessageContaining("got " + effort);
        }
    }

    @Test
    void thresholdBetweenTwoEffortsOfTheGridIsInterpolated() {
        RouterThresholds thresholds = thresholds();
        List<Double> lower = thresholds.at(0.25);
        List<Double> upper = thresholds.at(0.5);
        for (int step = 1; step < 3; step++) {
            assertThat(lower.get(step)).isEqualTo((double) stored()[step * 4]);
            assertThat(upper.get(step)).isEqualTo((double) stored()[step * 4 + 1]);
            assertThat(thresholds.at(0.35).get(step))
                    .isCloseTo(0.6 * lower.get(step) + 0.4 * upper.get(step), within(1e-12));
            assertThat(thresholds.at(0.875).get(step))
                    .isCloseTo(0.5 * thresholds.at(0.75).get(step), within(1e-12));
        }
        assertThat(thresholds.at(0.35).getFirst()).isZero();
        assertThat(thresholds.at(1)).containsOnly(0.0);
    }

    @Test
    void depthIsBoundedAtEveryEffort() {
        List<int[]> sequences = sequences(4);
        try (TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            for (double effort : EFFORTS) {
                int[] free = depths(scorer, sequences, effort);
                ScoreOptions bounded = new ScoreOptions(RoutingRequest.Rule.CAUSAL, 2, effort);
                assertThat(depths(scorer, sequences, bounded))
                        .isEqualTo(Arrays.stream(free)
                                .map(depth -> Math.min(depth, 2))
                                .toArray());
            }
        }
    }

    @Test
    void choiceByRankTakesThePowersOfTheEffort() {
        ScoreOptions byRank = new ScoreOptions(RoutingRequest.Rule.TOP_K, RoutingRequest.UNBOUNDED, 0.75);
        try (TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            int[] depths = depths(scorer, sequences(1), byRank);
            assertThat(Arrays.stream(depths).filter(depth -> depth >= 2)).hasSize(18);
            assertThat(Arrays.stream(depths).filter(depth -> depth == 3)).hasSize(13);
        }
    }

    @Test
    void freshModelSendsSomeTokensOnAndKeepsSome() {
        try (ModelWeights fresh = ModelWeights.initialize(TinyModels.expertThreshold(KeyValueSharing.NONE), 4, false);
                TeacherForcedScorer scorer = new TeacherForcedScorer(fresh, Precision.FLOAT32)) {
            assertThat(depths(scorer, sequences(4), Double.NaN)).contains(1, 2, 3);
            assertThat(depths(scorer, sequences(4), 1)).containsOnly(3);
        }
    }

    // ---- the thresholds' movement --------------------------------------------------------------------------------

    /// Scores with a known distribution, which differs between steps and between efforts.
    @Test
    void thresholdsFollowTheQuantilesOfTheSurvivors() {
        RouterThresholds thresholds = thresholds();
        Random random = new Random(5);
        for (int trainingStep = 1; trainingStep <= 400; trainingStep++) {
            List<RouterThresholds.Observation> observed = new ArrayList<>();
            for (int microBatch = 0; microBatch < 2; microBatch++) {
                double effort = thresholds.draw(9, trainingStep, microBatch);
                observed.add(new RouterThresholds.Observation(
                        effort,
                        List.of(
                                normal(random, 256, 0, 1),
                                normal(random, 256, -5, 1),
                                normal(random, (int) (256 * effort), 3 * effort, 2))));
            }
            thresholds.update(observed, 0.05, trainingStep);
        }
        for (double effort : List.of(0.25, 0.5, 0.75)) {
            List<Double> reached = thresholds.at(effort);
            assertThat(shareAbove(reached.get(1), normal(random, 100_000, -5, 1)))
                    .isCloseTo(effort, within(0.02));
            assertThat(shareAbove(reached.get(2), normal(random, 100_000, 3 * effort, 2)))
                    .isCloseTo(effort, within(0.02));
        }
        assertThat(thresholds.at(1)).containsOnly(0.0);
    }

    @Test
    void firstTrainingStepReplacesTheThresholdsAndLaterOnesMoveThem() {
        RouterThresholds thresholds = thresholds();
        thresholds.update(List.of(seen(0.5, 1, 2, 3, 4, 5)), 0.1, 1);
        assertThat(thresholds.at(0.5).get(1)).isCloseTo(sigmoid(3), within(1e-6));
        assertThat(thresholds.at(0.25).get(1)).isCloseTo(sigmoid(4), within(1e-6));
        thresholds.update(List.of(seen(0.5, 11, 12, 13, 14, 15)), 0.1, 100);
        assertThat(thresholds.at(0.5).get(1)).isCloseTo(sigmoid(4), within(1e-6));
        thresholds.update(List.of(seen(0.5, 0)), 0, 101);
        assertThat(thresholds.at(0.5).get(1)).isCloseTo(sigmoid(4), within(1e-6));
    }

    @Test
    void afterTheFirstDecisionOnlyMicroBatchesOfTheSameEffortCount() {
        RouterThresholds thresholds = thresholds();
        float[] before = stored();
        float[] scores = {1, 2, 3};
        thresholds.update(List.of(new RouterThresholds.Observation(0.5, List.of(scores, scores, scores))), 0.5, 7);
        float[] after = stored();
        List<Integer> moved = IntStream.range(0, after.length)
                .filter(i -> after[i] != before[i])
                .boxed()
                .toList();
        assertThat(moved).containsExactly(4, 5, 6, 9);
    }

    @Test
    void passThatEndedEarlyMovesOnlyWhatItReached() {
        RouterThresholds thresholds = thresholds();
        float[] before = stored();
        thresholds.update(
                List.of(new RouterThresholds.Observation(0.25, List.of(new float[] {1}, new float[] {2}))), 0.5, 7);
        assertThat(Arrays.copyOfRange(stored(), 8, 12)).isEqualTo(Arrays.copyOfRange(before, 8, 12));
    }

    @Test
    void scoresAtTheEndsOfTheSigmoidLeaveThresholdsThatCanMoveBack() {
        RouterThresholds thresholds = thresholds();
        for (float extreme : new float[] {1000, -1000}) {
            thresholds.update(List.of(seen(0.5, extreme, extreme)), 1, 5);
            assertThat(thresholds.at(0.5).get(1)).isBetween(0.0, 1.0);
            thresholds.update(List.of(seen(0.5, 1, 1)), 1, 6);
            assertThat(thresholds.at(0.5).get(1)).isCloseTo(sigmoid(1), within(1e-5));
        }
    }

    @Test
    void fullEffortIsDrawnAThirdOfTheTimeAndTheDrawIsDecidedBySeedStepAndMicroBatch() {
        RouterThresholds thresholds = thresholds();
        for (double effort : List.of(0.25, 0.5, 0.75, 1.0)) {
            long count = IntStream.range(0, 9000)
                    .filter(i -> thresholds.draw(1, i / 2, i % 2) == effort)
                    .count();
            long expected = effort == 1 ? 3000 : 2000;
            assertThat(count).isBetween(expected - 150, expected + 150);
        }
        assertThat(draws(thresholds, 1, 0)).isEqualTo(draws(thresholds, 1, 0));
        assertThat(draws(thresholds, 1, 0)).isNotEqualTo(draws(thresholds, 2, 0));
        assertThat(draws(thresholds, 1, 0)).isNotEqualTo(draws(thresholds, 1, 4));
    }

    @Test
    void trainingPassReportsTheLogitsOfEveryCandidateAndNoAuxiliaryLoss() throws Exception {
        TrainingObjective objective = new TrainingObjective(
                0,
                0.1,
                0,
                TrainingObjective.Supervision.NONE,
                TrainingObjective.Balancing.NONE,
                0,
                0,
                0,
                0,
                Optional.empty());
        try (ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32);
                RecursiveTransformer model = new RecursiveTransformer(compute, RecursiveTransformer.Activations.KEEP)) {
            TrainingPass pass = new TrainingPass(model, objective, 2L * TIME, 1);
            int[][] rows = sequences(2).toArray(int[][]::new);
            TrainingPass.Report report = pass.run(rows, RoutingRequest.trainingAtEffort(0.5));
            List<Double> shares = report.counts().toStatistics().shareOfTokens();
            int tokens = 2 * (TIME - 1);
            assertThat(report.candidateLogits().stream().map(logits -> logits.length))
                    .containsExactly(tokens, tokens, (int) Math.round(shares.get(1) * tokens));
            assertThat(report.auxiliary()).isZero();
            assertThat(report.routerZ()).isPositive();
            assertThat(report.counts().toStatistics().samplingAccuracy()).isNaN();
            assertNoNativeLeak(() -> pass.run(rows, RoutingRequest.trainingAtEffort(0.25)));
        }
    }

    @Test
    void stepThatNobodyTakesHasALossAndAGradient() {
        thresholds().update(List.of(seen(0.25, 900, 900)), 1, 2);
        TrainingObjective objective = new TrainingObjective(
                0,
                0.1,
                0,
                TrainingObjective.Supervision.NONE,
                TrainingObjective.Balancing.NONE,
                0,
                0,
                0,
                0,
                Optional.empty());
        try (ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32);
                RecursiveTransformer model = new RecursiveTransformer(compute, RecursiveTransformer.Activations.KEEP)) {
            TrainingPass.Report report = new TrainingPass(model, objective, 2L * TIME, 1)
                    .run(sequences(2).toArray(int[][]::new), RoutingRequest.trainingAtEffort(0.25));
            assertThat(report.counts().toStatistics().meanDepth()).isEqualTo(1);
            assertThat(report.routerZ()).isPositive();
        }
    }

    // ---- fixtures ------------------------------------------------------------------------------------------------

    private void replaceWeights(KeyValueSharing sharing) {
        weights.close();
        weights = weights(sharing);
    }

    /// A model whose routers give different scores, with thresholds at the quantiles of these scores.
    private static ModelWeights weights(KeyValueSharing sharing) {
        ModelConfig config = TinyModels.expertThreshold(sharing);
        ModelWeights weights = ModelWeights.initialize(config, 4, false);
        multiplyRouters(weights, 20);
        try (TensorScope _ = TensorScope.open()) {
            buffer(weights)
                    .copyFrom(Tensors.of(new float[] {0, 0, 0, 0, 0.62f, 0.5f, 0.38f, 0, 0.6f, 0.5f, 0.4f, 0}, 3, 4));
        }
        return weights;
    }

    private void multiplyRouters(double factor) {
        multiplyRouters(weights, factor);
    }

    private static void multiplyRouters(ModelWeights weights, double factor) {
        weights.parameters().forEach((name, tensor) -> {
            if (ParameterNames.belongsToRouter(name)) {
                tensor.multiplyInPlace(factor);
            }
        });
    }

    @Test
    void stepsInARowAreSpreadOverTheGridAndSoAreTheMicroBatchesOfALargeStep() {
        RouterThresholds thresholds = thresholds();
        for (int step = 1; step <= 200; step++) {
            int trainingStep = step;
            assertThat(IntStream.range(0, 8)
                            .mapToObj(later -> thresholds.draw(3, trainingStep + later, 0))
                            .toList())
                    .as("from step %d", step)
                    .contains(0.25, 0.5, 0.75, 1.0);
            assertThat(IntStream.range(0, 64)
                            .mapToObj(microBatch -> thresholds.draw(3, trainingStep, microBatch))
                            .toList())
                    .as("step %d", step)
                    .contains(0.25, 0.5, 0.75, 1.0);
        }
    }

    @Test
    void microBatchesThatAreComputedSideBySideHaveOneEffortSoThatNoWorkerWaitsForADeeperOne() {
        RouterThresholds thresholds = thresholds();
        for (int step = 1; step <= 200; step++) {
            int trainingStep = step;
            assertThat(IntStream.range(0, 4)
                            .mapToObj(microBatch -> thresholds.draw(3, trainingStep, microBatch))
                            .distinct())
                    .as("step %d", step)
                    .hasSize(1);
        }
    }

    private RouterThresholds thresholds() {
        return weights.routerThresholds().orElseThrow();
    }

    private float[] stored() {
        return buffer(weights).toFloats();
    }

    private static Tensor buffer(ModelWeights weights) {
        return Objects.requireNonNull(weights.buffers().get(ParameterNames.ROUTER_THRESHOLDS));
    }

    private static RouterThresholds.Observation seen(double effort, float... logits) {
        return new RouterThresholds.Observation(effort, List.of(logits, logits));
    }

    private static List<Double> draws(RouterThresholds thresholds, long seed, int microBatch) {
        return IntStream.range(0, 50)
                .mapToObj(step -> thresholds.draw(seed, step, microBatch))
                .toList();
    }

    private static float[] normal(Random random, int count, double mean, double deviation) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (mean + deviation * random.nextGaussian());
        }
        return values;
    }

    private static double shareAbove(double threshold, float[] logits) {
        int above = 0;
        for (float logit : logits) {
            above += sigmoid(logit) >= threshold ? 1 : 0;
        }
        return (double) above / logits.length;
    }

    private static double sigmoid(double logit) {
        return 1 / (1 + Math.exp(-logit));
    }

    private static ScoreOptions at(double effort) {
        return new ScoreOptions(RoutingRequest.Rule.CAUSAL, RoutingRequest.UNBOUNDED, effort);
    }

    private static int[] depths(TeacherForcedScorer scorer, List<int[]> sequences, double effort) {
        return depths(scorer, sequences, at(effort));
    }

    private static int[] depths(TeacherForcedScorer scorer, List<int[]> sequences, ScoreOptions options) {
        return scorer.score(sequences, options).stream()
                .flatMapToInt(scored -> Arrays.stream(scored.depths()))
                .toArray();
    }

    private static int[] sequence(Random random) {
        return random.ints(TIME, 0, TinyModels.VOCABULARY).toArray();
    }

    private static List<int[]> sequences(int count) {
        Random random = new Random(11);
        return IntStream.range(0, count).mapToObj(_ -> sequence(random)).toList();
    }
}
