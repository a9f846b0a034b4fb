package dev.saiki.model;

import static dev.saiki.testkit.NativeAssertions.assertClose;
import static dev.saiki.testkit.NativeAssertions.assertNoNativeLeak;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.model.routing.RandomScores;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import dev.saiki.testkit.TinyModels;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TeacherTest {

    private static final int TIME = 12;
    private static final long TOKENS = 2 * TIME;
    private static final double COEFFICIENT = 0.7;

    static List<ModelConfig> models() {
        return List.of(
                TinyModels.bounded(TinyModels.recursive()),
                TinyModels.vanilla(),
                TinyModels.recursive(),
                TinyModels.stepGated(TinyModels.recursive()),
                TinyModels.expertChoice(KeyValueSharing.NONE),
                TinyModels.tokenChoice(KeyValueSharing.NONE),
                TinyModels.random(),
                TinyModels.ownSteps(TinyModels.stepGated(TinyModels.expertThreshold(KeyValueSharing.RECURSIVE))));
    }

    private static TrainingRows rows() {
        Random random = new Random(5);
        int[][] rows = new int[2][TIME + 1];
        for (int[] row : rows) {
            for (int t = 0; t < row.length; t++) {
                row[t] = random.nextInt(TinyModels.VOCABULARY);
            }
        }
        return TrainingRows.of(rows);
    }

    private static Teacher teacher(double temperature) {
        return new Teacher(
                ModelWeights.initialize(TinyModels.expertThreshold(KeyValueSharing.NONE), 11, false),
                Precision.FLOAT32,
                new Distillation(COEFFICIENT, temperature));
    }

    /// The loss without its coefficient.
    private static double loss(ModelWeights weights, Teacher teacher, int depth, float[] gradient) {
        try (ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32);
                RecursiveTransformer model = new RecursiveTransformer(compute, RecursiveTransformer.Activations.KEEP);
                Teacher.Pass pass = teacher.newPass()) {
            model.zeroGradients();
            double sum = pass.teach(model, rows(), depth, RandomScores.causal(), TOKENS);
            try (TensorScope _ = TensorScope.open()) {
                Tensor all = Tensors.zeros(DType.FLOAT32, gradient.length);
                model.copyGradientsTo(all);
                System.arraycopy(all.toFloats(), 0, gradient, 0, gradient.length);
            }
            return sum / TOKENS;
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void gradientEqualsFiniteDifferencesAtEveryDepth(ModelConfig config) {
        for (int depth = 1; depth <= config.numRecursions(); depth++) {
            try (ModelWeights weights = ModelWeights.initialize(config, 3, false);
                    Teacher teacher = teacher(1.5)) {
                float[] origin = weights.flat().toFloats();
                float[] gradient = new float[origin.length];
                double here = loss(weights, teacher, depth, gradient);
                assertThat(here).isPositive();
                Random random = new Random(17);
                double slope = 0;
                float[] direction = new float[origin.length];
                for (int i = 0; i < direction.length; i++) {
                    direction[i] = (float) random.nextGaussian();
                    slope += (double) gradient[i] * direction[i];
                }
                double up = lossAt(weights, teacher, depth, moved(origin, direction, 1e-4));
                double down = lossAt(weights, teacher, depth, moved(origin, direction, -1e-4));
                assertThat(COEFFICIENT * (up - down) / 2e-4)
                        .describedAs("slope at depth %d (gradient says %s)", depth, slope)
                        .isCloseTo(slope, withinPercentage(3));
            }
        }
    }

    private static float[] moved(float[] origin, float[] direction, double step) {
        float[] moved = origin.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += (float) (step * direction[i]);
        }
        return moved;
    }

    private static double lossAt(ModelWeights weights, Teacher teacher, int depth, float[] values) {
        try (TensorScope _ = TensorScope.open()) {
            weights.flat().copyFrom(Tensors.of(values, values.length));
        }
        return loss(weights, teacher, depth, new float[values.length]);
    }

    /// A teacher that equals the model has no effect.
    @Test
    void aModelIsNoDistanceFromItself() {
        ModelConfig config = TinyModels.recursive();
        try (ModelWeights weights = ModelWeights.initialize(config, 3, false);
                Teacher same = new Teacher(
                        ModelWeights.initialize(config, 3, false), Precision.FLOAT32, new Distillation(1, 2))) {
            float[] gradient = new float[Math.toIntExact(weights.flat().count())];
            assertThat(loss(weights, same, config.numRecursions(), gradient)).isCloseTo(0, within(1e-6));
            assertThat(gradient).usingComparatorWithPrecision(1e-6f).containsOnly(0f);
            assertThat(loss(weights, same, 1, gradient)).isGreaterThan(1e-4);
        }
    }

    /// Tensors that only later steps use do not affect the first pass.
    @Test
    void theFirstPassTeachesNothingThatOnlyFurtherPassesUse() {
        ModelConfig config =
                TinyModels.ownSteps(TinyModels.stepGated(TinyModels.expertThreshold(KeyValueSharing.NONE)));
        try (ModelWeights weights = ModelWeights.initialize(config, 3, false);
                Teacher teacher = teacher(1);
                ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32);
                RecursiveTransformer model = new RecursiveTransformer(compute, RecursiveTransformer.Activations.KEEP);
                Teacher.Pass pass = teacher.newPass();
                TensorScope _ = TensorScope.open()) {
            pass.teach(model, rows(), 1, RandomScores.causal(), TOKENS);
            TrainedParameters all = TrainedParameters.all(weights);
            Tensor gradient = Tensors.zeros(DType.FLOAT32, all.count());
            model.copyGradientsTo(gradient);
            Map<String, Tensor> named = all.named(gradient);
            assertThat(Objects.requireNonNull(named.get("model.step_gates")).toFloats())
                    .containsOnly(0f);
            named.forEach((name, tensor) -> {
                if (name.contains(".steps.") || name.contains("routers")) {
                    assertThat(tensor.toFloats()).describedAs(name).containsOnly(0f);
                }
            });
            assertThat(Objects.requireNonNull(named.get("model.norm.weight")).toFloats())
                    .doesNotContain(0f);
        }
    }

    /// On the text of the run, both losses get their gradients in one pass.
    @Test
    void onTheTextOfTheRunTheGradientIsTheSumOfBoth() {
        try (ModelWeights weights = ModelWeights.initialize(TinyModels.recursive(), 3, false);
                Teacher teacher = teacher(1.5)) {
            float[] taught = new float[Math.toIntExact(weights.flat().count())];
            double distance = loss(weights, teacher, weights.config().numRecursions(), taught);
            float[] text = together(weights, null, distance);
            float[] both = together(weights, teacher, distance);
            for (int i = 0; i < text.length; i++) {
                text[i] += taught[i];
            }
            assertClose("gradient of both", both, text, 1e-5);
        }
    }

    private static float[] together(ModelWeights weights, @Nullable Teacher teacher, double distance) {
        try (ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32);
                RecursiveTransformer model = new RecursiveTransformer(compute, RecursiveTransformer.Activations.KEEP);
                TensorScope _ = TensorScope.open()) {
            TrainingPass training = new TrainingPass(model, TrainingObjective.CROSS_ENTROPY, TOKENS, 1);
            RoutingRequest request = RoutingRequest.training(List.of(), RandomScores.causal(), false);
            if (teacher == null) {
                assertThat(training.run(rows(), request, RandomScores.causal()).teacherSum())
                        .isNaN();
            } else {
                try (Teacher.Pass pass = teacher.newPass()) {
                    assertThat(training.run(rows(), request, RandomScores.causal(), Optional.of(pass))
                                            .teacherSum()
                                    / TOKENS)
                            .isCloseTo(distance, within(1e-6));
                }
            }
            Tensor all = Tensors.zeros(DType.FLOAT32, weights.flat().count());
            model.copyGradientsTo(all);
            return all.toFloats();
        }
    }

    @Test
    void aPassLeavesNothingBehind() throws Exception {
        try (ModelWeights weights = ModelWeights.initialize(TinyModels.recursive(), 3, false);
                Teacher teacher = teacher(1);
                ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32);
                RecursiveTransformer model =
                        new RecursiveTransformer(compute, RecursiveTransformer.Activations.RECOMPUTE);
                Teacher.Pass pass = teacher.newPass()) {
            pass.teach(model, rows(), 2, RandomScores.causal(), TOKENS);
            assertNoNativeLeak(() -> pass.teach(model, rows(), 2, RandomScores.causal(), TOKENS));
            assertNoNativeLeak(() -> teacher(2).close());
        }
    }
}
