package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.tensor.ProcessGroup;
import dev.saiki.tensor.TorchRuntime;
import dev.saiki.text.dataset.LoaderPosition;
import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Spikes in runs of twelve steps of four rows each.
class StabilityTest {

    private static final double NOT_A_NUMBER = Double.NaN;

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

    @ParameterizedTest
    @ValueSource(doubles = {1e6, NOT_A_NUMBER})
    void aSkippedBatchChangesNothingButTheCounters(double loss) throws IOException {
        Path run = folder.resolve("run");
        RecordingListener listener = new RecordingListener();
        trainer(recipe("skip", "checkpoint.every_steps=1", "checkpoint.keep_last=12"), run, listener, loss, 28)
                .run(false);
        for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
            assertThat(run.resolve("step-8").resolve(file))
                    .hasSameBinaryContentAs(run.resolve("step-7").resolve(file));
            assertThat(Files.readAllBytes(run.resolve("step-9").resolve(file)))
                    .isNotEqualTo(Files.readAllBytes(run.resolve("step-8").resolve(file)));
        }
        assertThat(listener.warnings)
                .singleElement()
                .asString()
                .startsWith("step 8: loss ")
                .contains("are a spike; the batch is skipped (spike 1 of at most 3 in a row)");
        List<Map<String, Double>> lines = TinyRun.reproducibleMetrics(run);
        assertThat(lines.get(6)).containsEntry(MetricNames.SPIKES, 0.0);
        assertThat(lines.get(7)).containsEntry(MetricNames.SPIKES, 1.0);
        assertThat(lines.get(11)).containsEntry(MetricNames.SPIKES, 1.0);
        assertThat(lines.get(11)).containsEntry(MetricNames.TOKENS_SEEN, 11.0 * 4 * 16);
    }

    @Test
    void trainingGoesBackToTheLastStateAndOnWithOtherText() throws IOException {
        Path run = folder.resolve("run");
        RecordingListener listener = new RecordingListener();
        trainer(recipe("roll_back"), run, listener, 1e6, 24).run(false);
        assertThat(listener.steps)
                .extracting(StepReport::step)
                .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L);
        assertThat(listener.warnings)
                .singleElement()
                .asString()
                .contains("step 7: ")
                .contains("training rolls back to step 4 and continues with the text after the batch");
        List<Map<String, Double>> lines = TinyRun.reproducibleMetrics(run);
        assertThat(lines)
                .extracting(line -> Objects.requireNonNull(line.get("step")).longValue())
                .containsExactlyElementsOf(LongStream.rangeClosed(1, 12).boxed().toList());
        RunState last = StateDirectory.open(run.resolve("step-12")).state();
        // Steps 1 to 6 and the bad one read seven batches, steps 5 to 12 eight others.
        assertThat(last.positions().own()).isEqualTo(new LoaderPosition(0, 15 * 4));
        assertThat(last.tokensSeen()).isEqualTo(12 * 4 * 16);
        assertThat(last.spikes().spikes()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"skip, 7", "skip, 8", "skip, 9", "roll_back, 5", "roll_back, 6", "roll_back, 8"})
    void aRunThatDiedBeforeOrAfterASpikeEqualsTheUndisturbedOne(String onSpike, long deadly) throws IOException {
        long bad = onSpike.equals("skip") ? 28 : 24;
        Path undisturbed = folder.resolve("undisturbed");
        Path died = folder.resolve("died");
        Path stopped = folder.resolve("stopped");
        trainer(recipe(onSpike), undisturbed, new RecordingListener(), 1e6, bad).run(false);
        RecordingListener killing = new RecordingListener().afterStep(report -> {
            if (report.step() == deadly) {
                throw new IllegalStateException("died");
            }
        });
        assertThatThrownBy(
                        () -> trainer(recipe(onSpike), died, killing, 1e6, bad).run(false))
                .hasMessage("died");
        Trainer[] stopping = new Trainer[1];
        stopping[0] = trainer(
                recipe(onSpike),
                stopped,
                new RecordingListener().afterStep(report -> {
                    if (report.step() == deadly) {
                        stopping[0].requestStop();
                    }
                }),
                1e6,
                bad);
        stopping[0].run(false);
        for (Path run : List.of(died, stopped)) {
            trainer(recipe(onSpike), run, new RecordingListener(), 1e6, bad).run(true);
            assertThat(TinyRun.reproducibleMetrics(run)).isEqualTo(TinyRun.reproducibleMetrics(undisturbed));
            assertThat(TinyRun.lastWeights(run)).isEqualTo(TinyRun.lastWeights(undisturbed));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"skip", "roll_back"})
    void moreInARowThanAreBorneEndTheRun(String onSpike) {
        Path run = folder.resolve("run");
        Recipe recipe = recipe(onSpike, "stability.tries=2");
        assertThatThrownBy(() -> new Trainer(
                                recipe,
                                run,
                                TrainingListener.SILENT,
                                environment((position, measured) ->
                                        position.row() < 24 ? measured : withLoss(measured, 1e6)))
                        .run(false))
                .isInstanceOf(SpikeLimitException.class)
                .hasMessageContaining("preceded by 2 consecutive spikes; the weights were not changed")
                .hasMessageContaining("Try a lower optimizer.learning_rate");
        assertThat(StateDirectory.open(run.resolve("step-4")).state().step()).isEqualTo(4);
    }

    @Test
    void whatComesAfterASwitchOfTheDepthIsNotHeldAgainstWhatWasBefore() throws IOException {
        Path run = folder.resolve("run");
        Recipe recipe = TinyRun.recipe(
                TinyRun.RECURSIVE,
                dataset,
                "schedule.recursions=[{from: 0, depth: 1}, {from: 0.5, depth: 3}]",
                "stability.on_spike=skip",
                "stability.interval=4",
                "stability.deviations=100");
        RecordingListener listener = new RecordingListener();
        // All losses are a million higher from the switch on.
        new Trainer(
                        recipe,
                        run,
                        listener,
                        environment((position, measured) -> position.row() < 24 ? measured : withLoss(measured, 1e6)))
                .run(false);
        assertThat(listener.warnings).isEmpty();
        assertThat(StateDirectory.open(run.resolve("step-8")).state().spikes().losses())
                .hasSize(2);
    }

    @Test
    void nothingIsLookedForUnlessTheRecipeSaysSo() throws IOException {
        RecordingListener listener = new RecordingListener();
        trainer(TinyRun.recipe(TinyRun.VANILLA, dataset), folder.resolve("run"), listener, 1e6, 28)
                .run(false);
        assertThat(listener.warnings).isEmpty();
        assertThat(TinyRun.reproducibleMetrics(folder.resolve("run")).getLast()).doesNotContainKey(MetricNames.SPIKES);
    }

    private static Recipe recipe(String onSpike, String... overrides) {
        List<String> all = new java.util.ArrayList<>(
                List.of("stability.on_spike=" + onSpike, "stability.interval=8", "stability.deviations=100"));
        all.addAll(List.of(overrides));
        return TinyRun.recipe(TinyRun.VANILLA, dataset, all.toArray(String[]::new));
    }

    /// A trainer that observes a given loss at the batch that begins with a given row.
    private static Trainer trainer(Recipe recipe, Path run, TrainingListener listener, double loss, long row) {
        return new Trainer(
                recipe,
                run,
                listener,
                environment((position, measured) -> position.row() == row ? withLoss(measured, loss) : measured));
    }

    private static Trainer.Environment environment(Trainer.Measurement measurement) {
        return new Trainer.Environment(ProcessGroup.single(), measurement);
    }

    private static StepResult withLoss(StepResult measured, double loss) {
        return new StepResult(
                loss,
                measured.textLoss(),
                measured.ofRouter(),
                measured.teacherLoss(),
                measured.totalLoss(),
                measured.gradNorm(),
                measured.tokens(),
                measured.routing(),
                measured.fullDepth());
    }
}
