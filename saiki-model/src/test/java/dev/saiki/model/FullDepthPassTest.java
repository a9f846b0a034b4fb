package dev.saiki.model;

import static dev.saiki.testkit.NativeAssertions.assertClose;
import static dev.saiki.testkit.NativeAssertions.assertNoNativeLeak;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.model.routing.RandomScores;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import dev.saiki.testkit.TinyModels;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class FullDepthPassTest {

    private static final long TOKENS = 24;

    /// A model, and its training in micro-batches at full depth.
    record Case(ModelConfig config, FullDepth setting) {}

    static List<Case> cases() {
        GainSupervision taught = new GainSupervision(new GainTarget.Regression(1), 1, true, 0, 1);
        GainSupervision labelled = new GainSupervision(new GainTarget.WeightedLabels(0.9), 1, false, 0, 1);
        ModelConfig gated = TinyModels.stepGated(TinyModels.expertThreshold(KeyValueSharing.NONE));
        return List.of(
                new Case(TinyModels.recursive(), deep(FullDepth.Prior.UNIFORM, Optional.empty())),
                new Case(TinyModels.recursive(), deep(FullDepth.Prior.SAMPLED, Optional.empty())),
                new Case(
                        TinyModels.expertThreshold(KeyValueSharing.RECURSIVE),
                        deep(FullDepth.Prior.GEOMETRIC, Optional.empty())),
                new Case(TinyModels.random(), deep(FullDepth.Prior.UNIFORM, Optional.empty())),
                new Case(gated, distilled(Optional.of(taught))),
                new Case(gated, deep(FullDepth.Prior.UNIFORM, Optional.of(taught))),
                new Case(gated, deep(FullDepth.Prior.SAMPLED, Optional.of(labelled))));
    }

    private static FullDepth deep(FullDepth.Prior prior, Optional<GainSupervision> router) {
        return new FullDepth(0.5, prior, router, Optional.empty());
    }

    private static FullDepth distilled(Optional<GainSupervision> router) {
        return new FullDepth(0.5, FullDepth.Prior.GEOMETRIC, router, Optional.of(new Distillation(0.5, 2)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void recomputedActivationsGiveTheSameGradients(Case of) {
        try (ModelWeights weights = ModelWeights.initialize(of.config(), 3, false)) {
            float[] kept = gradient(weights, of.setting(), RecursiveTransformer.Activations.KEEP);
            float[] recomputed = gradient(weights, of.setting(), RecursiveTransformer.Activations.RECOMPUTE);
            assertClose("gradient", recomputed, kept, 1e-5);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void passFreesAllItMadeAlsoWhenItFails(Case of) throws Exception {
        try (ModelWeights weights = ModelWeights.initialize(of.config(), 3, false);
                ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32)) {
            for (RecursiveTransformer.Activations activations : RecursiveTransformer.Activations.values()) {
                try (RecursiveTransformer model = new RecursiveTransformer(compute, activations)) {
                    TrainingPass pass = pass(model, of.setting());
                    pass.runAtFullDepth(rows(), scores(), 3, 2);
                    assertNoNativeLeak(() -> pass.runAtFullDepth(rows(), scores(), 3, 2));
                    int[][] unknownId = rows();
                    unknownId[0][3] = TinyModels.VOCABULARY + 5;
                    assertNoNativeLeak(() -> assertThatThrownBy(() -> pass.runAtFullDepth(unknownId, scores(), 3, 2))
                            .isInstanceOf(RuntimeException.class));
                }
            }
        }
    }

    /// A second pass leaves no state behind, and changes only the routers' gradients.
    @Test
    void rejectedTokensTeachTheirRoutersAndNothingElse() throws Exception {
        ModelConfig config = TinyModels.stepGated(TinyModels.expertThreshold(KeyValueSharing.NONE));
        for (RecursiveTransformer.Activations activations : RecursiveTransformer.Activations.values()) {
            try (ModelWeights weights = ModelWeights.initialize(config, 3, false);
                    ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32);
                    RecursiveTransformer model = new RecursiveTransformer(compute, activations);
                    TensorScope _ = TensorScope.open()) {
                Tensor without = Tensors.zeros(DType.FLOAT32, weights.count());
                routed(model, 0);
                model.addGradientsTo(without);
                model.zeroGradients();
                assertThat(routed(model, 0.5).rejectedGain()).isPositive();
                Tensor with = Tensors.zeros(DType.FLOAT32, weights.count());
                model.addGradientsTo(with);
                Map<String, Tensor> before = TrainedParameters.all(weights).named(without);
                TrainedParameters.all(weights).named(with).forEach((name, gradient) -> {
                    float[] same = Objects.requireNonNull(before.get(name)).toFloats();
                    boolean taught = name.equals("model.routers.1.weight") || name.equals("model.routers.2.weight");
                    assertThat(Arrays.equals(gradient.toFloats(), same))
                            .as(name)
                            .isNotEqualTo(taught);
                });
                assertNoNativeLeak(() -> routed(model, 0.5));
            }
        }
    }

    private static TrainingPass.Report routed(RecursiveTransformer model, double rejectedShare) {
        GainSupervision taught = new GainSupervision(new GainTarget.Regression(1), 1, false, rejectedShare, 1);
        TrainingPass pass = pass(model, deep(FullDepth.Prior.UNIFORM, Optional.of(taught)));
        return new TrainingPass(model, pass.objective(), TOKENS, 2, 1)
                .run(TrainingRows.of(rows()), RoutingRequest.trainingAtEffort(0.5), scores());
    }

    @Test
    void lossAtEachDepthIsThatOfAModelThatEndsThere() {
        try (ModelWeights weights = ModelWeights.initialize(TinyModels.recursive(), 3, false);
                ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32);
                RecursiveTransformer model = new RecursiveTransformer(compute, RecursiveTransformer.Activations.KEEP)) {
            TrainingPass.Report report = pass(model, deep(FullDepth.Prior.GEOMETRIC, Optional.empty()))
                    .runAtFullDepth(rows(), scores(), 3, 1);
            TrainingPass.DepthLosses losses = report.depths().orElseThrow();
            for (int depth = 1; depth <= 3; depth++) {
                RoutingRequest bounded = RoutingRequest.trainingAtFullDepth(depth, scores());
                double alone = pass(model, deep(FullDepth.Prior.UNIFORM, Optional.empty()))
                        .run(rows(), bounded)
                        .crossEntropySum();
                assertThat(losses.crossEntropySums().get(depth - 1)).isCloseTo(alone, within(1e-4));
            }
            assertThat(report.crossEntropySum())
                    .isEqualTo(losses.crossEntropySums().getLast());
            assertThat(report.minimisedSum())
                    .isCloseTo(
                            (4 * losses.crossEntropySums().get(0)
                                            + 2 * losses.crossEntropySums().get(1)
                                            + losses.crossEntropySums().get(2))
                                    / 7,
                            within(1e-6));
            TrainingPass.Report rising =
                    pass(model, deep(FullDepth.Prior.RISING, Optional.empty())).runAtFullDepth(rows(), scores(), 3, 1);
            assertThat(rising.minimisedSum())
                    .isCloseTo(
                            (losses.crossEntropySums().get(0)
                                            + 2 * losses.crossEntropySums().get(1)
                                            + 3 * losses.crossEntropySums().get(2))
                                    / 6,
                            within(1e-6));
        }
    }

    @Test
    void distillationIsPartOfWhatIsMinimised() {
        try (ModelWeights weights = ModelWeights.initialize(TinyModels.recursive(), 3, false);
                ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32);
                RecursiveTransformer model = new RecursiveTransformer(compute, RecursiveTransformer.Activations.KEEP)) {
            TrainingPass.DepthLosses alone = pass(model, deep(FullDepth.Prior.GEOMETRIC, Optional.empty()))
                    .runAtFullDepth(rows(), scores(), 3, 1)
                    .depths()
                    .orElseThrow();
            TrainingPass.DepthLosses taught = pass(model, distilled(Optional.empty()))
                    .runAtFullDepth(rows(), scores(), 3, 1)
                    .depths()
                    .orElseThrow();
            assertThat(alone.distillationSum()).isNaN();
            assertThat(taught.crossEntropySums()).isEqualTo(alone.crossEntropySums());
            assertThat(taught.distillationSum()).isPositive();
            assertThat(taught.minimisedSum())
                    .isCloseTo(alone.minimisedSum() + 0.5 * taught.distillationSum(), within(1e-9));
        }
        assertThatThrownBy(() -> new FullDepth(
                        0.5, FullDepth.Prior.SAMPLED, Optional.empty(), Optional.of(new Distillation(1, 1))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /// All tokens continue whatever the thresholds are, and the router's scores of all tokens are reported.
    @Test
    void routersScoreAllTokensAtEveryStep() {
        try (ModelWeights weights =
                        ModelWeights.initialize(TinyModels.expertThreshold(KeyValueSharing.NONE), 3, false);
                ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32);
                RecursiveTransformer model = new RecursiveTransformer(compute, RecursiveTransformer.Activations.KEEP)) {
            TrainingPass.Report report =
                    pass(model, deep(FullDepth.Prior.UNIFORM, Optional.empty())).runAtFullDepth(rows(), scores(), 3, 1);
            assertThat(report.candidateLogits())
                    .hasSize(3)
                    .allSatisfy(logits -> assertThat(logits).hasSize((int) TOKENS));
            assertThat(report.counts().toStatistics().meanDepth()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource(FullDepth.Prior.class)
    void microBatchesAreDrawnAsOftenAsTheShareSaysInGroupsAndTheSameAgain(FullDepth.Prior prior) {
        FullDepth setting = new FullDepth(0.25, prior, Optional.empty(), Optional.empty());
        int[] depths = new int[4];
        for (int step = 1; step <= 4000; step++) {
            int drawn = setting.draw(7, step, 0, 3);
            depths[drawn]++;
            assertThat(setting.draw(7, step, 3, 3)).isEqualTo(drawn);
        }
        assertThat(depths[0]).isBetween(2960, 3040);
        assertThat(IntStream.of(depths).skip(1))
                .allSatisfy(count -> assertThat(count).isBetween(270, 400));
        assertThat(IntStream.range(0, 400)
                        .map(group -> setting.draw(7, 1, 4 * group, 3) > 0 ? 1 : 0)
                        .sum())
                .isBetween(90, 110);
    }

    private static TrainingPass pass(RecursiveTransformer model, FullDepth setting) {
        TrainingObjective objective = new TrainingObjective(
                0,
                0.001,
                0,
                TrainingObjective.Supervision.NONE,
                TrainingObjective.Balancing.NONE,
                0,
                0,
                0,
                0,
                Optional.of(setting));
        return new TrainingPass(model, objective, TOKENS, 1, 1);
    }

    private static float[] gradient(
            ModelWeights weights, FullDepth setting, RecursiveTransformer.Activations activations) {
        try (TensorScope _ = TensorScope.open();
                ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32);
                RecursiveTransformer model = new RecursiveTransformer(compute, activations)) {
            pass(model, setting).runAtFullDepth(rows(), scores(), 3, 2);
            Tensor total = Tensors.zeros(DType.FLOAT32, weights.count());
            model.addGradientsTo(total);
            return total.toFloats();
        }
    }

    private static RandomScores scores() {
        return RandomScores.forTraining(1, 1, 0);
    }

    private static int[][] rows() {
        Random random = new Random(5);
        int[][] rows = new int[2][13];
        for (int[] row : rows) {
            for (int t = 0; t < row.length; t++) {
                row[t] = random.nextInt(TinyModels.VOCABULARY);
            }
        }
        return rows;
    }
}
