package dev.saiki.model;

import static dev.saiki.testkit.NativeAssertions.assertClose;
import static dev.saiki.testkit.NativeAssertions.assertNoNativeLeak;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.model.routing.RandomScores;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import dev.saiki.testkit.TinyModels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingPassTest {

    private static final TrainingObjective OBJECTIVE = new TrainingObjective(
            0.01,
            0.001,
            0.1,
            TrainingObjective.Supervision.AUXILIARY_LOSS,
            TrainingObjective.Balancing.LOSS,
            0.001,
            0,
            0,
            0,
            Optional.empty());

    static List<ModelConfig> models() {
        return List.of(
                TinyModels.vanilla(),
                TinyModels.recursive(),
                TinyModels.expertChoice(KeyValueSharing.NONE),
                TinyModels.expertChoice(KeyValueSharing.RECURSIVE),
                TinyModels.expertChoice(KeyValueSharing.HYBRID),
                TinyModels.expertChoice(KeyValueSharing.COMPLETION),
                TinyModels.tokenChoice(KeyValueSharing.NONE),
                TinyModels.tokenChoice(KeyValueSharing.COMPLETION),
                TinyModels.expertThreshold(KeyValueSharing.NONE),
                TinyModels.expertThreshold(KeyValueSharing.RECURSIVE),
                TinyModels.random(),
                TinyModels.stepGated(TinyModels.recursive()),
                TinyModels.stepGated(TinyModels.expertChoice(KeyValueSharing.NONE)),
                TinyModels.stepGated(TinyModels.expertChoice(KeyValueSharing.HYBRID)),
                TinyModels.stepGated(TinyModels.expertThreshold(KeyValueSharing.RECURSIVE)),
                TinyModels.stepGated(TinyModels.random()),
                TinyModels.injected(TinyModels.recursive()),
                TinyModels.injected(TinyModels.expertChoice(KeyValueSharing.NONE)),
                TinyModels.injected(TinyModels.stepGated(TinyModels.expertThreshold(KeyValueSharing.HYBRID))),
                TinyModels.narrowEmbedding(TinyModels.expertChoice(KeyValueSharing.NONE)),
                TinyModels.bounded(TinyModels.vanilla()),
                TinyModels.bounded(TinyModels.expertChoice(KeyValueSharing.COMPLETION)),
                TinyModels.ownSteps(TinyModels.recursive()),
                TinyModels.ownSteps(TinyModels.tokenChoice(KeyValueSharing.NONE)),
                TinyModels.ownSteps(TinyModels.stepGated(TinyModels.expertThreshold(KeyValueSharing.RECURSIVE))),
                TinyModels.ownSteps(TinyModels.stepGated(TinyModels.expertThreshold(KeyValueSharing.COMPLETION))));
    }

    @ParameterizedTest
    @MethodSource("models")
    void recomputedActivationsGiveTheSameGradients(ModelConfig config) {
        Map<String, float[]> kept = gradients(config, RecursiveTransformer.Activations.KEEP);
        Map<String, float[]> recomputed = gradients(config, RecursiveTransformer.Activations.RECOMPUTE);
        assertThat(recomputed.keySet()).isEqualTo(kept.keySet());
        kept.forEach(
                (name, gradient) -> assertClose(name, recomputed.getOrDefault(name, new float[0]), gradient, 1e-5));
    }

    @ParameterizedTest
    @MethodSource("models")
    void gradientEqualsFiniteDifferencesInARandomDirection(ModelConfig config) {
        try (ModelWeights weights = ModelWeights.initialize(config, 3, false)) {
            Random random = new Random(17);
            Tensor flat = weights.flat();
            float[] origin = flat.toFloats();
            float[] direction = new float[origin.length];
            for (int i = 0; i < direction.length; i++) {
                direction[i] = (float) random.nextGaussian();
            }
            double slope = 0;
            float[] gradient = flatGradient(weights, RecursiveTransformer.Activations.KEEP);
            for (int i = 0; i < direction.length; i++) {
                slope += (double) gradient[i] * direction[i];
            }
            double step = 1e-4;
            double up = lossAt(weights, origin, direction, step);
            double down = lossAt(weights, origin, direction, -step);
            assertThat((up - down) / (2 * step))
                    .describedAs("slope of the loss along a random direction (gradient says %s)", slope)
                    .isCloseTo(slope, withinPercentage(3));
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void passFreesAllItMadeAlsoWhenItFails(ModelConfig config) throws Exception {
        try (ModelWeights weights = ModelWeights.initialize(config, 3, false);
                ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32)) {
            for (RecursiveTransformer.Activations activations : RecursiveTransformer.Activations.values()) {
                try (RecursiveTransformer model = new RecursiveTransformer(compute, activations)) {
                    TrainingPass pass = new TrainingPass(model, OBJECTIVE, 24, 1);
                    pass.run(rows(), request(weights.config()));
                    assertNoNativeLeak(() -> pass.run(rows(), request(weights.config())));
                    int[][] unknownId = rows();
                    unknownId[0][3] = TinyModels.VOCABULARY + 5;
                    assertNoNativeLeak(() -> assertThatThrownBy(() -> pass.run(unknownId, request(config)))
                            .isInstanceOf(RuntimeException.class));
                }
            }
        }
    }

    private static double lossAt(ModelWeights weights, float[] origin, float[] direction, double step) {
        float[] moved = origin.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += (float) (step * direction[i]);
        }
        try (TensorScope _ = TensorScope.open()) {
            weights.flat().copyFrom(Tensors.of(moved, moved.length));
        }
        try (ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32);
                RecursiveTransformer model = new RecursiveTransformer(compute, RecursiveTransformer.Activations.KEEP)) {
            TrainingPass.Report report =
                    new TrainingPass(model, OBJECTIVE, 24, 1).run(rows(), request(weights.config()));
            return report.crossEntropySum() / 24
                    + OBJECTIVE.auxiliaryLossCoefficient() * report.auxiliary()
                    + OBJECTIVE.routerZLossCoefficient() * report.routerZ()
                    + OBJECTIVE.balancingLossCoefficient() * report.balancing();
        }
    }

    /// Dropout is the same in a recomputed layer, and absent at rate 0.
    @ParameterizedTest
    @MethodSource("models")
    void dropoutIsTheSameInARecomputedLayer(ModelConfig config) {
        Dropout dropout = Dropout.forTraining(0.2, 5, 3, 0);
        try (ModelWeights weights = ModelWeights.initialize(config, 3, false)) {
            float[] kept = flatGradient(weights, RecursiveTransformer.Activations.KEEP, dropout);
            float[] recomputed = flatGradient(weights, RecursiveTransformer.Activations.RECOMPUTE, dropout);
            assertClose("gradients", recomputed, kept, 1e-5);
            float[] without = flatGradient(weights, RecursiveTransformer.Activations.KEEP);
            assertThat(kept).isNotEqualTo(without);
            assertThat(flatGradient(weights, RecursiveTransformer.Activations.KEEP, Dropout.forTraining(0.2, 5, 4, 0)))
                    .isNotEqualTo(kept);
            assertThat(flatGradient(weights, RecursiveTransformer.Activations.KEEP, Dropout.forTraining(0, 5, 3, 0)))
                    .isEqualTo(without);
        }
    }

    private static Map<String, float[]> gradients(ModelConfig config, RecursiveTransformer.Activations activations) {
        try (ModelWeights weights = ModelWeights.initialize(config, 3, false);
                TensorScope _ = TensorScope.open()) {
            float[] flat = flatGradient(weights, activations);
            Map<String, float[]> gradients = new LinkedHashMap<>();
            TrainedParameters.all(weights)
                    .named(Tensors.of(flat, flat.length))
                    .forEach((name, gradient) -> gradients.put(name, gradient.toFloats()));
            return gradients;
        }
    }

    private static float[] flatGradient(ModelWeights weights, RecursiveTransformer.Activations activations) {
        return flatGradient(weights, activations, Dropout.NONE);
    }

    private static float[] flatGradient(
            ModelWeights weights, RecursiveTransformer.Activations activations, Dropout dropout) {
        try (TensorScope _ = TensorScope.open();
                ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32);
                RecursiveTransformer model = new RecursiveTransformer(compute, activations)) {
            model.drop(dropout);
            new TrainingPass(model, OBJECTIVE, 24, 1).run(rows(), request(weights.config()));
            Tensor total = Tensors.zeros(DType.FLOAT32, weights.count());
            model.addGradientsTo(total);
            return total.toFloats();
        }
    }

    private static RoutingRequest request(ModelConfig config) {
        if (config.routing() instanceof Routing.ExpertThreshold) {
            return RoutingRequest.trainingAtEffort(0.5);
        }
        return RoutingRequest.training(List.of(), RandomScores.forTraining(1, 1, 0), false);
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
