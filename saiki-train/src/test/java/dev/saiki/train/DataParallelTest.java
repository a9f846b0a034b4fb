package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.RecursiveTransformer;
import dev.saiki.model.TrainingObjective;
import dev.saiki.tensor.AdamW;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.tensor.ProcessGroupException;
import dev.saiki.tensor.TensorScope;
import dev.saiki.testkit.TinyModels;
import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// One run in one, two and four processes, which are threads here.
class DataParallelTest {

    private static final String THRESHOLD =
            "{type: expert_threshold, effort_grid: [0.25, 0.5, 1], default_effort: 0.5}";

    @TempDir
    static Path shared;

    private static Path dataset = Path.of("");

    @TempDir
    Path folder;

    @BeforeAll
    static void prepareData() throws IOException {
        dataset = TinyRun.prepareData(shared.resolve("data"));
    }

    /// Six micro-batches, which cannot be divided evenly among four processes.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {type: none}                                              | model.recursion.step_gates=true
                    {type: expert_choice}                                     | model.dropout=0.2
                    {type: expert_choice, causal_by: auxiliary_router}        | precision.compute=bfloat16
                    {type: token_choice}                                      | objective.balancing=loss_free
                    {type: token_choice}                                      | parallelism.shard_optimizer=true
                    {type: random}                                            | data.seed=3
                    {type: expert_threshold, effort_grid: [0.25, 0.5, 1], default_effort: 0.5} | schedule.calibrate_tokens=512
                    {type: expert_threshold, effort_grid: [0.25, 0.5, 1], default_effort: 0.5} | parallelism.shard_optimizer=true
                    """)
    void anyNumberOfProcessesGivesTheBitsOfOne(String routing, String override) throws IOException {
        Recipe recipe = recipe(routing, override);
        Path one = folder.resolve("1");
        new Trainer(recipe, one, TrainingListener.SILENT).run(false);
        for (int size : new int[] {2, 4}) {
            Path several = folder.resolve(String.valueOf(size));
            RanksInThreads.train(size, recipe, several, false);
            assertSame(several, one);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{type: expert_choice}", "{type: token_choice}", THRESHOLD})
    void inAnyOrderOfAdditionLossesOfTwentyStepsAreAlikeToOnePartIn100000(String routing) throws IOException {
        Recipe ordered = recipe(routing, "schedule.steps=20");
        Path one = folder.resolve("1");
        new Trainer(ordered, one, TrainingListener.SILENT).run(false);
        Recipe unordered = recipe(routing, "schedule.steps=20", "parallelism.fixed_order=false");
        for (int size : new int[] {2, 4}) {
            Path several = folder.resolve(String.valueOf(size));
            RanksInThreads.train(size, unordered, several, false);
            assertAlike(losses(several, MetricNames.CROSS_ENTROPY_LOSS), losses(one, MetricNames.CROSS_ENTROPY_LOSS));
            assertAlike(losses(several, MetricNames.VALIDATION_LOSS), losses(one, MetricNames.VALIDATION_LOSS));
            assertAlike(
                    losses(several, MetricNames.MEAN_RECURSION_DEPTH), losses(one, MetricNames.MEAN_RECURSION_DEPTH));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void runGoesOnWithAnotherNumberOfProcesses(boolean isSharded) throws IOException {
        Recipe recipe = recipe(THRESHOLD, "parallelism.shard_optimizer=" + isSharded);
        Path undisturbed = folder.resolve("undisturbed");
        Path stopped = folder.resolve("stopped");
        new Trainer(recipe, undisturbed, TrainingListener.SILENT).run(false);
        assertThat(stopAfter(2, 4, recipe, stopped, false)).isEqualTo(2);
        assertThat(stopAfter(5, 2, recipe, stopped, true)).isEqualTo(5);
        assertThat(stopAfter(9, 1, recipe, stopped, true)).isEqualTo(9);
        assertThat(stopAfter(Long.MAX_VALUE, 3, recipe, stopped, true)).isEqualTo(12);
        assertSame(stopped, undisturbed);
    }

    @Test
    void momentsOfFourProcessesAreAQuarterEach() throws IOException {
        Recipe recipe = recipe("{type: expert_choice}", "parallelism.shard_optimizer=true");
        Path run = folder.resolve("run");
        long whole = RanksInThreads.together(1, group -> momentBytes(recipe, group))
                .getFirst()
                .getFirst();
        List<Long> shards =
                RanksInThreads.together(4, group -> momentBytes(recipe, group)).getFirst();
        assertThat(shards.stream().mapToLong(Long::longValue).sum()).isEqualTo(whole);
        assertThat(shards).allSatisfy(bytes -> assertThat((double) bytes).isCloseTo(whole / 4.0, withinPercentage(5)));
        RanksInThreads.train(4, recipe, run, false);
        for (int shard = 1; shard <= 4; shard++) {
            Path file = run.resolve("step-12").resolve("optimizer-" + shard + "-of-4.safetensors");
            assertThat(Files.size(file)).isBetween(whole / 4, whole / 4 + whole / 20 + 512);
        }
        assertThat(run.resolve("step-12").resolve("optimizer.safetensors")).doesNotExist();
    }

    /// The number of bytes of each shard, in the first process.
    private static List<Long> momentBytes(Recipe recipe, ProcessGroup group) {
        ModelConfig config = recipe.model().config(300, 0);
        try (TensorScope _ = TensorScope.open();
                ModelWeights weights = ModelWeights.initialize(config, 1, false);
                TrainStep step = TrainStep.builder(weights, TrainStepSettings.of(recipe, group))
                        .group(group)
                        .build()) {
            return IntStream.range(0, step.optimizer().numShards())
                    .mapToObj(shard -> step.optimizer().collect(shard).stream()
                            .mapToLong(moment -> moment.data().byteSize())
                            .sum())
                    .toList();
        }
    }

    /// Shards of 1.6 to 2.4 million weights, of which a process receives 2^20 at a time.
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void weightsOfLongShardsArriveInPieces(int size) {
        int alone =
                RanksInThreads.together(1, DataParallelTest::weightsAfterAStep).getFirst();
        assertThat(RanksInThreads.together(size, DataParallelTest::weightsAfterAStep))
                .containsOnly(alone);
    }

    /// The hash of all weights after a step of three micro-batches.
    private static int weightsAfterAStep(ProcessGroup group) {
        TrainStepSettings settings = new TrainStepSettings(
                TrainingObjective.CROSS_ENTROPY,
                Precision.FLOAT32,
                new AdamW.Settings(0.9, 0.95, 1e-8),
                0.1,
                1,
                new TrainStepSettings.Parallelism(1, true, true),
                10,
                RecursiveTransformer.Activations.KEEP,
                0,
                0);
        SplittableRandom random = new SplittableRandom(5);
        try (ModelWeights weights = ModelWeights.initialize(TinyModels.ofText(300_000, 12), 1, false);
                TrainStep step =
                        TrainStep.builder(weights, settings).group(group).build()) {
            List<int[][]> batches = Stream.generate(
                            () -> new int[][] {random.ints(13, 0, 300_000).toArray()})
                    .limit(3)
                    .toList();
            step.run(batches, new StepContext(1, 1e-3, 1));
            return Arrays.hashCode(weights.flat().toFloats());
        }
    }

    /// Ranks 1 and 2 have folders that do not exist, as on machines without a shared file system.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void onlyTheFirstProcessNeedsTheFolderOfTheRun(boolean isSharded) throws IOException {
        Recipe recipe = recipe(THRESHOLD, "parallelism.shard_optimizer=" + isSharded);
        Path undisturbed = folder.resolve("undisturbed");
        new Trainer(recipe, undisturbed, TrainingListener.SILENT).run(false);
        for (boolean resume : new boolean[] {false, true}) {
            RanksInThreads.together(3, group -> {
                Trainer[] trainer = new Trainer[1];
                RecordingListener listener = new RecordingListener().afterStep(report -> {
                    if (group.isFirst() && report.step() == 5) {
                        trainer[0].requestStop();
                    }
                });
                Path own = folder.resolve("rank-" + group.rank());
                trainer[0] = new Trainer(recipe, own, listener, Trainer.Environment.of(group));
                return trainer[0].run(resume);
            });
        }
        assertSame(folder.resolve("rank-0"), undisturbed);
        assertThat(folder.resolve("rank-1")).doesNotExist();
        assertThat(folder.resolve("rank-2")).doesNotExist();
    }

    @Test
    void processWithAnotherRecipeIsRefused() {
        assertThatThrownBy(() -> RanksInThreads.together(
                        2,
                        group -> new Trainer(
                                        recipe("{type: expert_choice}", "data.seed=" + group.rank()),
                                        folder.resolve("run"),
                                        TrainingListener.SILENT,
                                        Trainer.Environment.of(group))
                                .run(false)))
                .cause()
                .isInstanceOf(ProcessGroupException.class)
                .hasMessageContaining("rank 1 of 2 failed: rank 1 must have the same recipe and data as rank 0, got"
                        + " data.seed: 1 in this recipe, 0 in the other");
    }

    @Test
    void askingAnyProcessToStopStopsAll() {
        Recipe recipe = recipe("{type: expert_choice}", "schedule.steps=1000");
        List<TrainingOutcome> outcomes = RanksInThreads.together(3, group -> {
            Trainer[] trainer = new Trainer[1];
            RecordingListener listener = new RecordingListener().afterStep(report -> {
                if (group.rank() == 2 && report.step() == 3) {
                    trainer[0].requestStop();
                }
            });
            trainer[0] = new Trainer(recipe, folder.resolve("run"), listener, Trainer.Environment.of(group));
            return trainer[0].run(false);
        });
        assertThat(outcomes).allSatisfy(outcome -> {
            assertThat(outcome.reason()).isEqualTo(TrainingOutcome.Reason.STOPPED);
            assertThat(outcome.step()).isEqualTo(3);
        });
    }

    @Test
    void runThatGoesBackAfterASpikeDoesSoInAllProcesses() throws IOException {
        Recipe recipe = recipe(
                "{type: expert_choice}",
                "stability.on_spike=roll_back",
                "stability.interval=8",
                "stability.deviations=100");
        Path one = folder.resolve("1");
        RecordingListener listener = new RecordingListener();
        spiked(recipe, one, listener, ProcessGroup.single()).run(false);
        assertThat(listener.warnings).anyMatch(warning -> warning.contains("rolls back to step 4"));
        Path three = folder.resolve("3");
        RanksInThreads.together(
                3,
                group -> spiked(recipe, three, TrainingListener.SILENT, group).run(false));
        assertSame(three, one);
    }

    /// A trainer that observes a huge loss at its seventh batch.
    private static Trainer spiked(Recipe recipe, Path run, TrainingListener listener, ProcessGroup group) {
        Trainer.Measurement measurement = (position, measured) -> position.row() == 36
                ? new StepResult(
                        1e6,
                        measured.textLoss(),
                        measured.ofRouter(),
                        measured.teacherLoss(),
                        measured.totalLoss(),
                        measured.gradNorm(),
                        measured.tokens(),
                        measured.routing(),
                        measured.fullDepth())
                : measured;
        return new Trainer(recipe, run, listener, new Trainer.Environment(group, measurement));
    }

    /// @return the number of steps taken
    private static long stopAfter(long step, int size, Recipe recipe, Path run, boolean resume) {
        return RanksInThreads.together(size, group -> {
                    Trainer[] trainer = new Trainer[1];
                    RecordingListener listener = new RecordingListener().afterStep(report -> {
                        if (group.isFirst() && report.step() == step) {
                            trainer[0].requestStop();
                        }
                    });
                    trainer[0] = new Trainer(recipe, run, listener, Trainer.Environment.of(group));
                    return trainer[0].run(resume);
                })
                .getFirst()
                .step();
    }

    private static Recipe recipe(String routing, String... overrides) {
        List<String> all = new ArrayList<>(List.of(
                "batch.sequences=6",
                "batch.micro_batch_sequences=1",
                "parallelism.workers=1",
                "metrics.validation_sequences=9"));
        all.addAll(List.of(overrides));
        return TinyRun.recipe(TinyRun.routed(routing), dataset, all.toArray(String[]::new));
    }

    private static void assertSame(Path run, Path other) throws IOException {
        assertThat(TinyRun.reproducibleMetrics(run)).isEqualTo(TinyRun.reproducibleMetrics(other));
        assertThat(TinyRun.lastWeights(run)).isEqualTo(TinyRun.lastWeights(other));
        assertThat(run.resolve("best").resolve("model.safetensors"))
                .hasSameBinaryContentAs(other.resolve("best").resolve("model.safetensors"));
    }

    private static List<Double> losses(Path run, String name) throws IOException {
        return TinyRun.reproducibleMetrics(run).stream()
                .filter(line -> line.containsKey(name))
                .map((Map<String, Double> line) -> line.getOrDefault(name, Double.NaN))
                .toList();
    }

    private static void assertAlike(List<Double> some, List<Double> others) {
        assertThat(some).hasSameSizeAs(others).isNotEmpty();
        for (int i = 0; i < some.size(); i++) {
            assertThat(some.get(i)).isCloseTo(others.get(i), within(1e-5 * others.get(i)));
        }
    }
}
