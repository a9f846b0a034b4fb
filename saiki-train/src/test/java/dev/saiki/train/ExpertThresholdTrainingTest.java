package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.tensor.TorchRuntime;
import dev.saiki.text.dataset.BatchLoader;
import dev.saiki.text.dataset.LoaderPosition;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.Tokenizer;
import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.parallel.RowScorer;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whole runs of a model with expert-threshold routing.
class ExpertThresholdTrainingTest {

    private static final String ROUTING =
            "{type: expert_threshold, effort_grid: [0.25, 0.5, 0.75, 1], default_effort: 0.5}";

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
    void shareOfTokensThatGoOnFollowsTheEffortAfterAFewHundredSteps() throws IOException {
        train("schedule.steps=450", "batch.sequences=16", "batch.micro_batch_sequences=4", "metrics.validate_every=0");
        CheckpointDirectory last = CheckpointDirectory.open(folder.resolve("last"));
        try (ModelWeights weights = ModelWeights.load(last);
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            double depth = 0;
            for (double effort : List.of(0.25, 0.5, 0.75, 1.0)) {
                List<Double> shares = sharesOfTokens(scorer, effort);
                assertThat(shares.get(1))
                        .describedAs("share of all tokens at step 1 with effort %s", effort)
                        .isCloseTo(effort, within(0.03));
                assertThat(shares.get(2) / shares.get(1))
                        .describedAs("share of survivors at step 2 with effort %s", effort)
                        .isCloseTo(effort, within(0.06));
                double meanDepth = shares.stream().mapToDouble(share -> share).sum();
                assertThat(meanDepth).isGreaterThan(depth);
                depth = meanDepth;
            }
        }
    }

    /// Returns for each recursion step the share of all tokens that take it.
    private static List<Double> sharesOfTokens(TeacherForcedScorer scorer, double effort) {
        List<ScoredSequence> scored = scorer.score(trainingText(), at(effort));
        return IntStream.range(0, scorer.config().numRecursions())
                .mapToObj(step -> scored.stream()
                        .flatMapToInt(sequence -> IntStream.of(sequence.depths()))
                        .map(depth -> depth > step ? 1 : 0)
                        .average()
                        .orElseThrow())
                .toList();
    }

    /// After a dozen steps, moving averages are far from thresholds fitted to the last weights.
    @Test
    void trainingThatEndsWithAFitMeetsItsSharesOnTextThatTheFitDidNotSee() throws IOException {
        double[] missed = new double[2];
        for (boolean fitted : new boolean[] {false, true}) {
            Path run = folder.resolve("fitted-" + fitted);
            trainIn(run, "optimizer.learning_rate=0.02", "schedule.calibrate_tokens=" + (fitted ? 4096 : 0));
            try (ModelWeights weights = ModelWeights.load(CheckpointDirectory.open(run.resolve("last")));
                    TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
                for (double effort : List.of(0.25, 0.5, 0.75)) {
                    List<Double> shares = sharesOfTokens(scorer, effort);
                    double first = Math.abs(shares.get(1) - effort);
                    double second = Math.abs(shares.get(2) / shares.get(1) - effort);
                    missed[fitted ? 1 : 0] = Math.max(missed[fitted ? 1 : 0], Math.max(first, second));
                }
            }
        }
        assertThat(missed[1]).isLessThan(0.05).isLessThan(missed[0] / 2);
    }

    @Test
    void metricsHaveNeitherAuxiliaryLossNorSamplingAccuracyAndValidationIsAtTheDefaultEffort() throws IOException {
        TrainingOutcome outcome = train();
        Map<String, Double> line = TinyRun.reproducibleMetrics(folder).getLast();
        assertThat(line)
                .containsKeys(MetricNames.MEAN_RECURSION_DEPTH, MetricNames.CAPACITY_FACTOR + 2)
                .doesNotContainKeys(MetricNames.AUXILIARY_LOSS, MetricNames.SAMPLING_ACCURACY);
        try (ModelWeights weights = ModelWeights.load(CheckpointDirectory.open(outcome.last()))) {
            ValidationRows rows = ValidationRows.draw(
                    TokenDataset.open(dataset), Tokenizer.load(outcome.last().resolve("tokenizer.json")), 16, 4, false);
            assertThat(rows.score(new RowScorer(ProcessGroup.single(), 1), weights, RoutingRequest.UNBOUNDED, 12, 0)
                            .meanRecursionDepth())
                    .isEqualTo(line.get(MetricNames.VALIDATION_MEAN_DEPTH));
        }
    }

    /// Large initial weights make each prediction nearly certain, and another one at each depth.
    @Test
    void whatWasLearntOfACurriculumIsMeasuredAtFullEffort() throws IOException {
        Path last = train(
                        "schedule.steps=1",
                        "schedule.warmup_steps=0",
                        "optimizer.learning_rate=0.001",
                        "model.initializer_range=2")
                .last();
        ValidationRows rows = ValidationRows.draw(
                TokenDataset.open(dataset), Tokenizer.load(last.resolve("tokenizer.json")), 16, 512, false);
        double atTwoPasses = shareOfLikelyAnswers(rows, last, 0.25, 2);
        double measured = shareOfLikelyAnswers(rows, last, 0.25, 3);
        assertThat(measured).isEqualTo(shareOfLikelyAnswers(rows, last, 1, 3)).isNotEqualTo(atTwoPasses);
    }

    private static double shareOfLikelyAnswers(ValidationRows rows, Path checkpoint, double defaultEffort, int maxDepth)
            throws IOException {
        Path config = checkpoint.resolve("config.json");
        Files.writeString(
                config, Files.readString(config).replaceFirst("(\"default_effort\" : )[0-9.]+", "$1" + defaultEffort));
        try (ModelWeights weights = ModelWeights.load(CheckpointDirectory.open(checkpoint))) {
            return rows.shareOfLikelyAnswers(new RowScorer(ProcessGroup.single(), 1), weights, maxDepth);
        }
    }

    @Test
    void theCheckpointSaysWhichUniformDepthIsBestInValidation() throws IOException {
        TrainingOutcome outcome = train("metrics.validation_sequences=16");
        CheckpointDirectory last = CheckpointDirectory.open(outcome.last());
        Manifest manifest = last.manifest().orElseThrow();
        List<Double> losses = IntStream.rangeClosed(1, 3)
                .mapToObj(depth -> manifest.metrics().getOrDefault(Manifest.LOSS_AT_DEPTH + depth, Double.NaN))
                .toList();
        assertThat(losses)
                .allSatisfy(loss -> assertThat(loss).isBetween(1.0, 20.0))
                .doesNotHaveDuplicates();
        assertThat(manifest.referenceDepth()).hasValue(1 + losses.indexOf(Collections.min(losses)));
    }

    @Test
    void aFewRowsOfValidationDoNotTellWhichUniformDepthIsBest() throws IOException {
        TrainingOutcome outcome = train("metrics.validation_sequences=15");
        Manifest manifest = CheckpointDirectory.open(outcome.last()).manifest().orElseThrow();
        assertThat(manifest.metrics()).containsKey("validation/cross_entropy_loss");
        assertThat(manifest.referenceDepth()).isEmpty();
    }

    @Test
    void numberOfWorkersChangesNeitherWeightsNorThresholds() throws IOException {
        TorchRuntime.setThreadsOfCaller(2);
        Path two = folder.resolve("two");
        train("parallelism.workers=1");
        trainIn(two, "parallelism.workers=2");
        TorchRuntime.setThreadsOfCaller(1);
        assertThat(TinyRun.lastWeights(two)).isEqualTo(TinyRun.lastWeights(folder));
    }

    @Test
    void checkpointHasTheMovedThresholds() throws IOException {
        TrainingOutcome outcome = train();
        float[] thresholds = Objects.requireNonNull(
                        CheckpointDirectory.open(outcome.last()).tensors().get(ParameterNames.ROUTER_THRESHOLDS))
                .toFloats();
        assertThat(Arrays.copyOf(thresholds, 4)).containsOnly(0);
        // The efforts of step 1 are updated together; those of step 2 each from micro-batches of their own.
        float[] first = Arrays.copyOfRange(thresholds, 4, 7);
        assertThat(first[0]).isGreaterThan(first[1]);
        assertThat(first[1]).isGreaterThan(first[2]);
        assertThat(Arrays.copyOfRange(thresholds, 8, 11)).doesNotContain(0, 0.5f);
        assertThat(thresholds[7]).isZero();
        assertThat(thresholds[11]).isZero();
    }

    private TrainingOutcome train(String... overrides) throws IOException {
        return trainIn(folder, overrides);
    }

    private static TrainingOutcome trainIn(Path run, String... overrides) throws IOException {
        Recipe recipe = TinyRun.recipe(TinyRun.routed(ROUTING), dataset, overrides);
        return new Trainer(recipe, run, TrainingListener.SILENT).run(false);
    }

    /// Rows of the text to which the thresholds must fit.
    private static List<int[]> trainingText() {
        BatchLoader loader = new BatchLoader(TokenDataset.open(dataset).train(), 16, 1, LoaderPosition.START);
        List<int[]> rows = new ArrayList<>();
        for (int[] row : loader.next(256)) {
            rows.add(Arrays.copyOf(row, 16));
        }
        return rows;
    }

    private static ScoreOptions at(double effort) {
        return new ScoreOptions(RoutingRequest.Rule.CAUSAL, RoutingRequest.UNBOUNDED, effort);
    }
}
