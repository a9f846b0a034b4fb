package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.RecursiveTransformer;
import dev.saiki.model.TrainedParameters;
import dev.saiki.tensor.AdamW;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.TorchRuntime;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Runs that train a part of a model.
class FrozenTensorsTest {

    private static final String DEEPENED = """
            model:
              recursion: {sharing: middle_cycle, num_recursions: 3, entry_layers: 3, exit_layers: 2, step_gates: true}
              routing: {type: expert_threshold, effort_grid: [0.5, 1], default_effort: 0.5}
            """ + TinyRun.VANILLA.substring(TinyRun.VANILLA.indexOf("optimizer:"));

    @TempDir
    static Path shared;

    private static Path dataset = Path.of("");

    @TempDir
    Path folder;

    @BeforeAll
    static void prepareData() throws IOException {
        TorchRuntime.setThreadsOfCaller(1);
        dataset = TinyRun.prepareData(shared.resolve("data"));
    }

    private static Map<String, float[]> tensors(Path model) {
        Map<String, float[]> values = new TreeMap<>();
        CheckpointDirectory.open(model).tensors().forEach((name, tensor) -> values.put(name, tensor.toFloats()));
        return values;
    }

    /// The first pass of a deepened model uses only tensors of its base.
    @ParameterizedTest
    @CsvSource({"float32, false", "float32, true", "bfloat16, false"})
    void whatIsFrozenStaysEqualToTheBitAndTheRestMoves(String compute, boolean recompute) throws IOException {
        Path base = folder.resolve("base");
        new Trainer(TinyRun.recipe(TinyRun.VANILLA, dataset), base, TrainingListener.SILENT).run(false);
        Recipe recipe = TinyRun.recipe(
                DEEPENED,
                dataset,
                "initialisation.from=" + base,
                "optimizer.trained=[model.step_gates, model.routers.*, model.layers.7.mlp.up_proj.weight]",
                "precision.compute=" + compute,
                "precision.activation_checkpointing=" + recompute);
        new Trainer(recipe, folder.resolve("run"), TrainingListener.SILENT).run(false);
        Map<String, float[]> before = tensors(base);
        Map<String, float[]> after = tensors(folder.resolve("run"));
        assertThat(before).containsKey("model.layers.7.mlp.up_proj.weight");
        before.forEach((name, values) -> {
            float[] now = Objects.requireNonNull(after.get(name), name);
            if (name.equals("model.layers.7.mlp.up_proj.weight")) {
                assertThat(now).describedAs(name).isNotEqualTo(values);
            } else {
                assertThat(now).describedAs(name).isEqualTo(values);
            }
        });
        assertThat(Objects.requireNonNull(after.get("model.step_gates"))[1]).isNotZero();
    }

    @Test
    void whatIsFrozenTakesNoPlaceInGradientsAndOptimizerStates() throws IOException {
        Recipe recipe = TinyRun.recipe(
                TinyRun.routed("{type: expert_choice}"),
                dataset,
                "model.vocab_size=300",
                "optimizer.trained=[model.routers.*, model.layers.1.self_attn.k_proj.weight, model.norm.weight]");
        Set<String> trained = recipe.trainedTensors();
        try (ModelWeights weights = ModelWeights.initialize(recipe.model().config(), 1, false);
                TrainStep part = TrainStep.builder(weights, settings())
                        .trained(TrainedParameters.of(weights, trained))
                        .build();
                TrainStep whole = TrainStep.builder(weights, settings()).build();
                TensorScope _ = TensorScope.open()) {
            long elements = trained.stream()
                    .mapToLong(
                            name -> Objects.requireNonNull(weights.parameters().get(name))
                                    .count())
                    .sum();
            assertThat(elements).isPositive().isLessThan(weights.count() / 20);
            assertThat(bytes(part.optimizer().collect(0))).isEqualTo(2 * 4 * elements);
            assertThat(bytes(whole.optimizer().collect(0))).isEqualTo(2 * 4 * weights.count());
            assertThat(part.gradients().keySet()).isEqualTo(trained);
            assertThat(whole.gradients().keySet())
                    .isEqualTo(weights.parameters().keySet());
        }
        new Trainer(recipe, folder.resolve("part"), TrainingListener.SILENT).run(false);
        new Trainer(
                        TinyRun.recipe(TinyRun.routed("{type: expert_choice}"), dataset),
                        folder.resolve("whole"),
                        TrainingListener.SILENT)
                .run(false);
        assertThat(optimizerBytes("part")).isLessThan(optimizerBytes("whole") / 10);
    }

    private long optimizerBytes(String run) throws IOException {
        return Files.size(folder.resolve(run).resolve("step-12").resolve("optimizer.safetensors"));
    }

    private static long bytes(List<StoredTensor> tensors) {
        return tensors.stream().mapToLong(tensor -> tensor.data().byteSize()).sum();
    }

    /// A tensor has the same gradient whatever else is frozen.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {type: none}          | embed_tokens | KEEP
                    {type: none}          | embed_tokens | RECOMPUTE
                    {type: expert_choice} | k_proj       | KEEP
                    {type: expert_choice} | k_proj       | RECOMPUTE
                    {type: expert_choice} | gate_proj    | KEEP
                    {type: token_choice}  | router       | KEEP
                    {type: token_choice}  | norm         | RECOMPUTE
                    """)
    void gradientsDoNotDependOnWhatElseIsTrained(
            String routing, String part, RecursiveTransformer.Activations activations) {
        Recipe recipe = TinyRun.recipe(TinyRun.routed(routing), dataset, "model.vocab_size=300");
        List<int[][]> batches = List.of(rows(1), rows(2), rows(3));
        try (ModelWeights weights = ModelWeights.initialize(recipe.model().config(), 1, false);
                TrainStep whole = TrainStep.builder(weights, settings(recipe, activations))
                        .build();
                TensorScope _ = TensorScope.open()) {
            Set<String> names = weights.parameters().keySet().stream()
                    .filter(name -> name.contains(part))
                    .collect(Collectors.toSet());
            StepContext context = new StepContext(1, 0.01, 5);
            StepResult expected = whole.computeGradients(StepRows.of(batches), context);
            try (TrainStep some = TrainStep.builder(weights, settings(recipe, activations))
                    .trained(TrainedParameters.of(weights, names))
                    .build()) {
                StepResult result = some.computeGradients(StepRows.of(batches), context);
                assertThat(result.crossEntropyLoss()).isCloseTo(expected.crossEntropyLoss(), within(1e-6));
                some.gradients().forEach((name, gradient) -> {
                    float[] values = gradient.toFloats();
                    float[] reference =
                            Objects.requireNonNull(whole.gradients().get(name)).toFloats();
                    for (int i = 0; i < values.length; i++) {
                        assertThat(values[i]).describedAs(name).isCloseTo(reference[i], within(1e-6f));
                    }
                    assertThat(IntStream.range(0, values.length).anyMatch(i -> values[i] != 0))
                            .describedAs(name)
                            .isTrue();
                });
            }
        }
    }

    private static int[][] rows(int seed) {
        return IntStream.range(0, 2)
                .mapToObj(row -> IntStream.range(0, 17)
                        .map(i -> (31 * i + 7 * row + 101 * seed) % 300)
                        .toArray())
                .toArray(int[][]::new);
    }

    private static TrainStepSettings settings() {
        return settings(
                TinyRun.recipe(TinyRun.routed("{type: expert_choice}"), dataset),
                RecursiveTransformer.Activations.KEEP);
    }

    private static TrainStepSettings settings(Recipe recipe, RecursiveTransformer.Activations activations) {
        return new TrainStepSettings(
                recipe.objective(),
                Precision.FLOAT32,
                new AdamW.Settings(0.9, 0.95, 1e-8),
                0.1,
                1,
                new TrainStepSettings.Parallelism(2),
                10,
                activations,
                0,
                0);
    }
}
