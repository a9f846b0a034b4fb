package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.Capacities;
import dev.saiki.checkpoint.config.CausalBy;
import dev.saiki.checkpoint.config.Gating;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.RouterFunction;
import dev.saiki.checkpoint.config.RouterType;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.RecursiveTransformer;
import dev.saiki.model.TrainingObjective;
import dev.saiki.tensor.AdamW;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.TorchRuntime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Training with one worker and with several, on a model whose operations LibTorch splits over threads if
/// allowed: element-wise passes over more than 32,768 numbers. Smaller models have no such passes, and would
/// show nothing.
class NumberOfWorkersTest {

    private static final int VOCABULARY = 1024;
    private static final int TIME = 64;
    private static final int SEQUENCES = 2;
    private static final int MICRO_BATCHES = 4;
    private static final int STEPS = 3;
    private static final long SEED = 5;

    private int threadsBefore;

    /// The method that decides a token's depth.
    enum Kind {
        VANILLA,
        EXPERT_CHOICE,
        EXPERT_THRESHOLD;

        TrainingObjective objective() {
            return switch (this) {
                case VANILLA -> TrainingObjective.CROSS_ENTROPY;
                case EXPERT_CHOICE ->
                    new TrainingObjective(
                            0.001,
                            0.001,
                            0,
                            TrainingObjective.Supervision.AUXILIARY_LOSS,
                            TrainingObjective.Balancing.NONE,
                            0,
                            0,
                            0,
                            0,
                            Optional.empty());
                case EXPERT_THRESHOLD ->
                    new TrainingObjective(
                            0,
                            0.001,
                            0,
                            TrainingObjective.Supervision.NONE,
                            TrainingObjective.Balancing.NONE,
                            0,
                            0,
                            0,
                            0.1,
                            Optional.empty());
            };
        }

        Routing routing() {
            return switch (this) {
                case VANILLA -> new Routing.None();
                case EXPERT_CHOICE ->
                    new Routing.ExpertChoice(
                            new Routing.Router(RouterType.LINEAR, RouterFunction.SIGMOID, 0.1, 1, Gating.WEIGHTED),
                            Capacities.balanced(3),
                            Routing.defaultThreshold(3),
                            CausalBy.ROUTER);
                case EXPERT_THRESHOLD ->
                    new Routing.ExpertThreshold(
                            new Routing.Router(RouterType.LINEAR, RouterFunction.SIGMOID, 1, 1, Gating.WEIGHTED),
                            List.of(0.25, 0.5, 0.75, 1.0),
                            0.5);
            };
        }

        ModelConfig config() {
            return new ModelConfig(
                    256,
                    704,
                    this == VANILLA ? 3 : 5,
                    4,
                    4,
                    64,
                    VOCABULARY,
                    TIME,
                    1e-5,
                    10_000,
                    true,
                    0.02,
                    OptionalInt.empty(),
                    List.of(0),
                    Architecture.LLAMA,
                    this == VANILLA ? Optional.empty() : Optional.of(new Recursion(ParameterSharing.MIDDLE_CYCLE, 3)),
                    routing(),
                    KeyValueSharing.NONE);
        }
    }

    @BeforeEach
    void letOperationsBeSplit() {
        threadsBefore = TorchRuntime.threadsOfCaller();
        // Parts of three or four threads do not end with a vector's end in these shapes; halves do.
        TorchRuntime.setThreadsOfCaller(4);
    }

    @AfterEach
    void restoreThreads() {
        TorchRuntime.setThreadsOfCaller(threadsBefore);
    }

    @ParameterizedTest
    @CsvSource({
        "VANILLA, FLOAT32",
        "VANILLA, BFLOAT16",
        "EXPERT_CHOICE, FLOAT32",
        "EXPERT_CHOICE, BFLOAT16",
        "EXPERT_THRESHOLD, FLOAT32",
        "EXPERT_THRESHOLD, BFLOAT16"
    })
    void weightsAndGradientsAreTheSameToTheLastBitWithAnyNumber(Kind kind, Precision precision) {
        Map<String, float[]> one = train(kind, precision, 1);
        for (int workers = 2; workers <= MICRO_BATCHES; workers++) {
            Map<String, float[]> several = train(kind, precision, workers);
            assertThat(several.keySet()).isEqualTo(one.keySet());
            for (Map.Entry<String, float[]> tensor : several.entrySet()) {
                // Hundreds of thousands of numbers are not for a message.
                assertThat(Arrays.equals(tensor.getValue(), one.get(tensor.getKey())))
                        .as("%s is the same with %d workers as with one", tensor.getKey(), workers)
                        .isTrue();
            }
        }
    }

    /// Trains some steps.
    ///
    /// @return the weights, and the gradient of the last step
    private static Map<String, float[]> train(Kind kind, Precision precision, int workers) {
        TrainStepSettings settings = new TrainStepSettings(
                kind.objective(),
                precision,
                new AdamW.Settings(0.9, 0.95, 1e-8),
                0.1,
                1,
                new TrainStepSettings.Parallelism(workers),
                10,
                RecursiveTransformer.Activations.KEEP,
                0,
                0);
        SplittableRandom random = new SplittableRandom(SEED);
        Map<String, float[]> result = new TreeMap<>();
        try (ModelWeights weights = ModelWeights.initialize(kind.config(), SEED, false);
                TrainStep step = TrainStep.builder(weights, settings).build();
                TensorScope _ = TensorScope.open()) {
            for (int number = 1; number <= STEPS; number++) {
                step.run(batch(random), new StepContext(number, 1e-3, SEED));
            }
            result.put("weights", weights.flat().toFloats());
            weights.buffers().forEach((name, buffer) -> result.put(name, buffer.toFloats()));
            step.gradients().forEach((name, gradient) -> result.put("gradient of " + name, gradient.toFloats()));
        }
        return result;
    }

    private static List<int[][]> batch(SplittableRandom random) {
        List<int[][]> batch = new ArrayList<>();
        for (int i = 0; i < MICRO_BATCHES; i++) {
            int[][] rows = new int[SEQUENCES][];
            for (int row = 0; row < SEQUENCES; row++) {
                rows[row] = random.ints(TIME + 1L, 0, VOCABULARY).toArray();
            }
            batch.add(rows);
        }
        return batch;
    }
}
