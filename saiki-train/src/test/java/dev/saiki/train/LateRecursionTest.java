package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.io.InputException;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.RecursiveTransformer;
import dev.saiki.model.TrainingObjective;
import dev.saiki.tensor.AdamW;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.TorchRuntime;
import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.recipe.Recipe;
import dev.saiki.train.schedule.DepthSchedule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Recursions that are enabled late: training before the switch, after it, and across it.
class LateRecursionTest {

    private static final String THRESHOLD =
            "{type: expert_threshold, effort_grid: [0.25, 0.5, 1], default_effort: 0.5}";

    private static final String EMBEDDING = ParameterNames.EMBEDDING;

    private static final int VOCABULARY = 64;
    private static final int TIME = 16;
    private static final int SWITCH = 5;
    private static final DepthSchedule LATE =
            new DepthSchedule(List.of(new DepthSchedule.Phase(0, 1), new DepthSchedule.Phase(SWITCH, 3)));

    /// The second half of twelve steps has full depth.
    private static final String HALF = "schedule.recursions=[{from: 0, depth: 1}, {from: 0.5, depth: 3}]";

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

    @Test
    void beforeTheSwitchTheGradientIsThatOfAVanillaModelWithTheLayersOfOnePass() {
        try (ModelWeights recursive = ModelWeights.initialize(config(TinyRun.RECURSIVE), 3, false);
                ModelWeights onePass = sameTensors(config(TinyRun.VANILLA, "model.num_hidden_layers=4"), recursive)) {
            Map<String, float[]> expected = gradients(onePass, context(SWITCH));
            assertSame(gradients(recursive, late(SWITCH)), expected);
            assertThat(gradients(recursive, late(SWITCH + 1)).get(EMBEDDING)).isNotEqualTo(expected.get(EMBEDDING));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{type: none}",
                "{type: expert_choice}",
                "{type: expert_choice, causal_by: auxiliary_router}",
                "{type: token_choice}",
                "{type: random}",
                THRESHOLD
            })
    void afterTheSwitchTheGradientIsThatOfTheModelAndBeforeItNothingReachesWhatIsDeeper(String routing) {
        ModelConfig config = config(TinyRun.routed(routing));
        try (ModelWeights weights = ModelWeights.initialize(config, 3, routing.contains("auxiliary_router"))) {
            assertSame(gradients(weights, late(SWITCH + 1)), gradients(weights, context(SWITCH + 1)));
            Map<String, float[]> before = gradients(weights, late(SWITCH));
            before.forEach((name, gradient) -> {
                if (name.matches("model\\.(auxiliary_)?routers\\.[12]\\..*")) {
                    assertThat(gradient).as(name).containsOnly(0);
                }
            });
            assertThat(gradients(weights, context(SWITCH)).get(EMBEDDING)).isNotEqualTo(before.get(EMBEDDING));
            DepthSchedule one = new DepthSchedule(List.of(new DepthSchedule.Phase(0, 1)));
            assertSame(before, gradients(weights, new StepContext(SWITCH, 1e-3, 7, one)));
        }
    }

    /// A threshold's first steps count more; its first step is the first step with its recursion.
    @Test
    void thresholdsBeginWithTheirRecursion() {
        ModelConfig config = config(TinyRun.routed(THRESHOLD));
        double rate = 0.01;
        float[] untouched;
        double begun;
        double among;
        try (ModelWeights weights = ModelWeights.initialize(config, 3, false);
                TrainStep step = TrainStep.builder(weights, settings(rate)).build()) {
            step.run(batch(), late(SWITCH));
            untouched = thresholds(weights);
        }
        try (ModelWeights weights = ModelWeights.initialize(config, 3, false);
                TrainStep step = TrainStep.builder(weights, settings(rate)).build()) {
            step.run(batch(), late(SWITCH + 1));
            begun = logit(thresholds(weights)[3]);
        }
        try (ModelWeights weights = ModelWeights.initialize(config, 3, false);
                TrainStep step = TrainStep.builder(weights, settings(rate)).build()) {
            step.run(batch(), context(SWITCH + 1));
            among = logit(thresholds(weights)[3]);
        }
        assertThat(untouched).containsExactly(0, 0, 0, 0.5f, 0.5f, 0, 0.5f, 0.5f, 0);
        assertThat(begun).isNotZero().isCloseTo((SWITCH + 1) * among, within(1e-3 * Math.abs(begun)));
    }

    @Test
    void theLogHasTheDepthInForceAndFlopsAsTheyAreSpent() throws IOException {
        Recipe recipe = TinyRun.recipe(TinyRun.routed(THRESHOLD), dataset, HALF);
        RecordingListener listener = new RecordingListener();
        TrainingOutcome outcome = new Trainer(recipe, folder, listener).run(false);
        List<Map<String, Double>> lines = TinyRun.reproducibleMetrics(folder);
        double flops = 0;
        for (int i = 0; i < 12; i++) {
            int depth = i < 6 ? 1 : 3;
            flops += recipe.batch().tokens() * recipe.forwardFlopsPerToken(depth);
            assertThat(lines.get(i)).containsEntry(MetricNames.RECURSIONS, (double) depth);
            assertThat(Objects.requireNonNull(lines.get(i).get(MetricNames.FORWARD_FLOPS)))
                    .isCloseTo(flops, within(1e-9 * flops));
            if (depth == 1) {
                assertThat(lines.get(i)).containsEntry(MetricNames.MEAN_RECURSION_DEPTH, 1.0);
            }
        }
        assertThat(listener.switches).containsExactly(new DepthSchedule.Phase(7, 3));
        assertThat(listener.starts.getFirst().forwardFlopsPerToken() * outcome.tokensSeen())
                .isCloseTo(flops, within(1e-9 * flops));
        // While the model trains with one pass, held-out text is scored with one pass, and no checkpoint is the
        // best.
        assertThat(listener.validations.get(0).meanRecursionDepth()).isEqualTo(1);
        assertThat(listener.validations).extracting(ValidationReport::step).containsExactly(3L, 6L, 9L, 12L);
        assertThat(listener.validations.subList(0, 2)).noneMatch(ValidationReport::isBest);
        assertThat(listener.validations.get(2).isBest()).isTrue();
        assertThat(CheckpointDirectory.open(outcome.last())
                        .manifest()
                        .orElseThrow()
                        .metrics())
                .containsEntry(MetricNames.RECURSIONS, 3.0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{type: none}", "{type: expert_choice}", "{type: token_choice}", THRESHOLD})
    void aRunThatEndsRightBeforeAndRightAfterTheSwitchEqualsTheUndisturbedOne(String routing) throws IOException {
        Recipe recipe = TinyRun.recipe(TinyRun.routed(routing), dataset, HALF, "checkpoint.every_steps=3");
        Path undisturbed = folder.resolve("undisturbed");
        Path died = folder.resolve("died");
        Path stopped = folder.resolve("stopped");
        new Trainer(recipe, undisturbed, TrainingListener.SILENT).run(false);
        for (long step : new long[] {6, 7}) {
            assertThatThrownBy(() -> trainer(recipe, died, step, _ -> {
                                throw new IllegalStateException("died");
                            })
                            .run(true))
                    .hasMessage("died");
            trainer(recipe, stopped, step, Trainer::requestStop).run(true);
        }
        for (Path run : List.of(died, stopped)) {
            RecordingListener listener = new RecordingListener();
            new Trainer(recipe, run, listener).run(true);
            assertThat(listener.starts.getFirst().firstStep()).isEqualTo(run.equals(died) ? 6 : 7);
            assertThat(TinyRun.reproducibleMetrics(run)).isEqualTo(TinyRun.reproducibleMetrics(undisturbed));
            assertThat(TinyRun.lastWeights(run)).isEqualTo(TinyRun.lastWeights(undisturbed));
        }
    }

    @Test
    void aCooldownGoesOnAtTheDepthOfItsStateAndCountsWhatWasSpentBefore() throws IOException {
        Path whole = folder.resolve("whole");
        String routing = TinyRun.routed(THRESHOLD);
        Recipe recipe =
                TinyRun.recipe(routing, dataset, HALF, "schedule.decay_steps=4", "checkpoint.save_stable_at=[4, 8]");
        new Trainer(recipe, whole, TrainingListener.SILENT).run(false);
        Path branch = folder.resolve("branch");
        String from = "schedule.cooldown_from=" + whole.resolve("step-8");
        new Trainer(TinyRun.recipe(routing, dataset, from), branch, TrainingListener.SILENT).run(false);
        assertThat(TinyRun.lastWeights(branch)).isEqualTo(TinyRun.lastWeights(whole));
        assertThat(TinyRun.reproducibleMetrics(branch).getLast())
                .containsEntry(
                        MetricNames.FORWARD_FLOPS,
                        TinyRun.reproducibleMetrics(whole).getLast().get(MetricNames.FORWARD_FLOPS));

        Recipe tooEarly = TinyRun.recipe(routing, dataset, "schedule.cooldown_from=" + whole.resolve("step-4"));
        assertThatThrownBy(() -> new Trainer(tooEarly, folder.resolve("a"), TrainingListener.SILENT).run(false))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be a state at full recursion depth (3 recursions), got step 4");
        Recipe byFlops = TinyRun.recipe(routing, dataset, from, "schedule.steps=", "schedule.forward_flops=1e9");
        assertThatThrownBy(() -> new Trainer(byFlops, folder.resolve("b"), TrainingListener.SILENT).run(false))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "schedule.forward_flops cannot be used in a cool-down of a run that enabled recursions late");
    }

    private static Trainer trainer(Recipe recipe, Path run, long step, Consumer<Trainer> action) {
        Trainer[] trainer = new Trainer[1];
        trainer[0] = new Trainer(recipe, run, new RecordingListener().afterStep(report -> {
                    if (report.step() == step) {
                        action.accept(trainer[0]);
                    }
                }));
        return trainer[0];
    }

    private static ModelConfig config(String yaml, String... overrides) {
        return Recipe.parse(yaml, List.of(overrides)).model().config(VOCABULARY, 0);
    }

    /// The weights of a model that has the same tensors under the same names.
    private static ModelWeights sameTensors(ModelConfig config, ModelWeights weights) {
        Map<String, StoredTensor> tensors =
                weights.stored().stream().collect(Collectors.toMap(StoredTensor::name, tensor -> tensor));
        return ModelWeights.of(config, tensors);
    }

    private static Map<String, float[]> gradients(ModelWeights weights, StepContext context) {
        Map<String, float[]> gradients = new LinkedHashMap<>();
        try (TrainStep step = TrainStep.builder(weights, settings(0.1)).build();
                TensorScope _ = TensorScope.open()) {
            step.computeGradients(StepRows.of(batch()), context);
            for (Map.Entry<String, Tensor> entry : step.gradients().entrySet()) {
                gradients.put(entry.getKey(), entry.getValue().toFloats());
            }
        }
        return gradients;
    }

    private static void assertSame(Map<String, float[]> actual, Map<String, float[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, gradient) -> {
            assertThat(actual.get(name)).as(name).isEqualTo(gradient);
            boolean idle = name.contains("routers");
            assertThat(idle || !Arrays.equals(gradient, new float[gradient.length]))
                    .as(name)
                    .isTrue();
        });
    }

    private static TrainStepSettings settings(double thresholdUpdateRate) {
        TrainingObjective objective = new TrainingObjective(
                0.001,
                0.001,
                0.1,
                TrainingObjective.Supervision.NONE,
                TrainingObjective.Balancing.NONE,
                0,
                0,
                0,
                thresholdUpdateRate,
                Optional.empty());
        return new TrainStepSettings(
                objective,
                Precision.FLOAT32,
                new AdamW.Settings(0.9, 0.95, 1e-8),
                0.1,
                1,
                new TrainStepSettings.Parallelism(1),
                10,
                RecursiveTransformer.Activations.KEEP,
                0,
                0);
    }

    private static StepContext late(long step) {
        return new StepContext(step, 1e-3, 7, LATE);
    }

    private static StepContext context(long step) {
        return new StepContext(step, 1e-3, 7);
    }

    private static List<int[][]> batch() {
        SplittableRandom random = new SplittableRandom(11);
        int[][] first = new int[2][];
        int[][] second = new int[2][];
        for (int row = 0; row < 2; row++) {
            first[row] = random.ints(TIME + 1L, 0, VOCABULARY).toArray();
            second[row] = random.ints(TIME + 1L, 0, VOCABULARY).toArray();
        }
        return List.of(first, second);
    }

    private static float[] thresholds(ModelWeights weights) {
        return Objects.requireNonNull(weights.buffers().get(ParameterNames.ROUTER_THRESHOLDS))
                .toFloats();
    }

    private static double logit(float probability) {
        return Math.log(probability / (1.0 - probability));
    }
}
