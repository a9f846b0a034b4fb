package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.tensor.TorchRuntime;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.Tokenizer;
import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whole runs with micro-batches at full depth.
class FullDepthTrainingTest {

    private static final String GATED = TinyRun.routed(
                    "{type: expert_threshold, effort_grid: [0.25, 0.5, 1], default_effort: 0.5}")
            .replace("num_recursions: 3", "num_recursions: 3\n    step_gates: true");

    @TempDir
    static Path shared;

    private static Path dataset = Path.of("");
    private static int vocabulary;

    @TempDir
    Path folder;

    @BeforeAll
    static void prepareData() throws IOException {
        TorchRuntime.setThreadsOfCaller(1);
        dataset = TinyRun.prepareData(shared.resolve("data"));
        vocabulary = Tokenizer.load(TokenDataset.open(dataset).tokenizerFile()).vocabSize();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {share: 0.5}
                    {share: 0.5, prior: sampled}
                    {share: 0.5, router: {target: regression}}
                    {share: 0.5, prior: geometric, router: {target: weighted_labels}}
                    {share: 0.5, prior: sampled, router: {target: divergence}}
                    {share: 0.5, router: {target: regression, rejected_share: 0.2}}
                    {share: 0.5, distillation: {coefficient: 0.5, temperature: 2}}
                    """)
    void runThatWasStoppedEqualsTheUndisturbedOneWithAnyNumberOfWorkers(String fullDepth) throws IOException {
        Path undisturbed = folder.resolve("undisturbed");
        Path stopped = folder.resolve("stopped");
        train(undisturbed, fullDepth, "parallelism.workers=1");
        Recipe two = recipe(fullDepth, "parallelism.workers=2");
        for (long stopAfter : new long[] {3, 7, Long.MAX_VALUE}) {
            RecordingListener listener = new RecordingListener();
            Trainer trainer = new Trainer(two, stopped, listener);
            listener.afterStep(report -> {
                if (report.step() >= stopAfter) {
                    trainer.requestStop();
                }
            });
            trainer.run(stopAfter > 3);
        }
        assertThat(TinyRun.lastWeights(stopped)).isEqualTo(TinyRun.lastWeights(undisturbed));
        assertThat(TinyRun.reproducibleMetrics(stopped)).isEqualTo(TinyRun.reproducibleMetrics(undisturbed));
    }

    @Test
    void metricsHaveTheLossOfEachDepthAndOfTheRouterInStepsThatMeasureThem() throws IOException {
        Path run = folder.resolve("run");
        train(run, "{share: 0.5, router: {target: regression}}");
        List<Map<String, Double>> lines = TinyRun.reproducibleMetrics(run);
        List<Map<String, Double>> measured = lines.stream()
                .filter(line -> line.containsKey(MetricNames.LOSS_AT_DEPTH + 1))
                .toList();
        assertThat(measured.size()).isBetween(4, 8);
        assertThat(measured).allSatisfy(line -> {
            assertThat(line)
                    .containsKeys(
                            MetricNames.LOSS_AT_DEPTH + 2, MetricNames.LOSS_AT_DEPTH + 3, MetricNames.ROUTER_GAIN_LOSS)
                    .doesNotContainKey(MetricNames.ROUTER_Z_LOSS);
            // Micro-batches share their draw, so that here a whole step is at full depth.
            assertThat(value(line, MetricNames.CROSS_ENTROPY_LOSS))
                    .isCloseTo(value(line, MetricNames.LOSS_AT_DEPTH + 3), within(1e-9));
            double mean = IntStream.rangeClosed(1, 3)
                    .mapToDouble(depth -> value(line, MetricNames.LOSS_AT_DEPTH + depth))
                    .average()
                    .orElseThrow();
            assertThat(value(line, MetricNames.TOTAL_LOSS))
                    .isCloseTo(mean + value(line, MetricNames.ROUTER_GAIN_LOSS), within(1e-9));
        });
        Map<String, Double> last = lines.getLast();
        assertThat(value(last, MetricNames.FORWARD_FLOPS) / value(last, MetricNames.TOKENS_SEEN))
                .isCloseTo(recipe("{share: 0.5, router: {target: regression}}").forwardFlopsPerToken(), within(1e-3));
    }

    @Test
    void metricsHaveWhatTheDeepestExitTeaches() throws IOException {
        Path run = folder.resolve("run");
        train(run, "{share: 0.5, distillation: {coefficient: 0.5}}");
        List<Map<String, Double>> lines = TinyRun.reproducibleMetrics(run);
        assertThat(lines).anySatisfy(line -> assertThat(line).containsKey(MetricNames.DISTILLATION_LOSS));
        assertThat(lines).allSatisfy(line -> {
            assertThat(line.containsKey(MetricNames.DISTILLATION_LOSS))
                    .isEqualTo(line.containsKey(MetricNames.LOSS_AT_DEPTH + 1));
            if (line.containsKey(MetricNames.DISTILLATION_LOSS)) {
                double mean = IntStream.rangeClosed(1, 3)
                        .mapToDouble(depth -> value(line, MetricNames.LOSS_AT_DEPTH + depth))
                        .average()
                        .orElseThrow();
                assertThat(value(line, MetricNames.DISTILLATION_LOSS)).isPositive();
                assertThat(value(line, MetricNames.TOTAL_LOSS) - mean)
                        .isGreaterThanOrEqualTo(0.5 * value(line, MetricNames.DISTILLATION_LOSS) - 1e-9);
            }
        });
    }

    @Test
    void stepsThatAreRoutedHaveTheLossOfTheRejected() throws IOException {
        Path run = folder.resolve("run");
        train(run, "{share: 0.5, router: {target: regression, rejected_share: 0.5}}");
        assertThat(TinyRun.reproducibleMetrics(run))
                .allSatisfy(line -> assertThat(line.containsKey(MetricNames.REJECTED_GAIN_LOSS))
                        .isNotEqualTo(line.containsKey(MetricNames.LOSS_AT_DEPTH + 1)))
                .anySatisfy(line -> assertThat(line.getOrDefault(MetricNames.REJECTED_GAIN_LOSS, 0.0))
                        .isPositive());
    }

    /// Micro-batches at full depth move only the thresholds of step 1; routed micro-batches move all
    /// thresholds.
    @Test
    void thresholdsOfLaterStepsFollowTheRoutedMicroBatchesOnly() throws IOException {
        Path run = folder.resolve("run");
        train(run, "{share: 0.5, router: {target: regression}}", "schedule.steps=40");
        float[] thresholds = Objects.requireNonNull(
                        CheckpointDirectory.open(run.resolve("last")).tensors().get(ParameterNames.ROUTER_THRESHOLDS))
                .toFloats();
        assertThat(Arrays.copyOfRange(thresholds, 3, 5)).doesNotContain(0, 0.5f);
        assertThat(Arrays.copyOfRange(thresholds, 6, 8)).doesNotContain(0, 0.5f);
        assertThat(thresholds[3]).isGreaterThan(thresholds[4]);
    }

    /// The router's gradient is clipped separately, however large its loss is.
    @Test
    void lossOfTheRouterLeavesTheStepsOfTheTrunkAsTheyAre() throws IOException {
        String apart = "{share: 0.9999, router: {target: regression, coefficient: %d}}";
        assertThat(trunkAfter(apart.formatted(100))).isEqualTo(trunkAfter(apart.formatted(1)));
        String together = "{share: 0.9999, router: {target: regression, coefficient: %d, reaches_trunk: true}}";
        assertThat(trunkAfter(together.formatted(100))).isNotEqualTo(trunkAfter(together.formatted(1)));
    }

    /// The weights that compute predictions, after steps with clipped gradients.
    private Map<String, String> trunkAfter(String fullDepth) throws IOException {
        Path run = Files.createTempDirectory(folder, "trunk");
        train(run, fullDepth, "optimizer.max_grad_norm=0.01");
        Map<String, String> weights = new TreeMap<>();
        CheckpointDirectory.open(run.resolve("last")).tensors().forEach((name, tensor) -> {
            if (!name.startsWith("model.router")) {
                weights.put(name, Arrays.toString(tensor.toFloats()));
            }
        });
        assertThat(weights).containsKey("model.layers.0.mlp.down_proj.weight");
        return weights;
    }

    private static double value(Map<String, Double> line, String name) {
        return Objects.requireNonNull(line.get(name));
    }

    private static Recipe recipe(String fullDepth, String... overrides) {
        String[] all = Arrays.copyOf(overrides, overrides.length + 2);
        all[overrides.length] = "model.vocab_size=" + vocabulary;
        all[overrides.length + 1] = "objective.full_depth=" + fullDepth;
        return TinyRun.recipe(GATED, dataset, all);
    }

    private static void train(Path run, String fullDepth, String... overrides) throws IOException {
        new Trainer(recipe(fullDepth, overrides), run, TrainingListener.SILENT).run(false);
    }
}
