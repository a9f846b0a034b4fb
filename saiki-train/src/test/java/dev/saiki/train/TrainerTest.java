package dev.saiki.train;

import static dev.saiki.testkit.NativeAssertions.assertNoNativeLeak;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.io.InputException;
import dev.saiki.tensor.TorchRuntime;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {

    @TempDir
    static Path shared;

    private static Path dataset = Path.of("");

    @TempDir
    Path folder;

    @BeforeAll
    static void prepareData() throws IOException {
        // Models this small lose time with two threads an operation, much of it on a busy machine.
        TorchRuntime.setThreadsOfCaller(1);
        dataset = TinyRun.prepareData(shared.resolve("data"));
    }

    @Test
    void completedRunHasMetricsStatesAndCheckpointsThatOpen() throws IOException {
        Path run = folder.resolve("run");
        RecordingListener listener = new RecordingListener();
        Recipe recipe = recipe(TinyRun.routed("{type: expert_choice}"));
        TrainingOutcome outcome = new Trainer(recipe, run, listener).run(false);

        assertThat(outcome.reason()).isEqualTo(TrainingOutcome.Reason.COMPLETED);
        assertThat(outcome.step()).isEqualTo(12);
        assertThat(outcome.tokensSeen()).isEqualTo(12 * 4 * 16);
        assertThat(listener.outcomes).containsExactly(outcome);
        assertThat(listener.steps).extracting(StepReport::step).containsExactlyElementsOf(upTo(12));
        assertThat(listener.validations).extracting(ValidationReport::step).containsExactly(3L, 6L, 9L, 12L);
        assertThat(listener.checkpoints).extracting(CheckpointReport::step).containsExactly(4L, 8L, 12L);
        assertThat(children(run))
                .contains("recipe.resolved.yaml", "metrics.jsonl", "tensorboard", "last", "best", "step-8", "step-12")
                .doesNotContain("step-4");
        assertThat(Recipe.load(run.resolve("recipe.resolved.yaml"), List.of())).isEqualTo(recipe);

        CheckpointDirectory last = CheckpointDirectory.open(outcome.last());
        Manifest manifest = last.manifest().orElseThrow();
        assertThat(last.hasTokenizer()).isTrue();
        assertThat(manifest.step()).isEqualTo(12);
        assertThat(manifest.tokensSeen()).isEqualTo(outcome.tokensSeen());
        assertThat(manifest.dataHash()).hasValue(TokenDataset.open(dataset).dataHash());
        assertThat(manifest.recipe()).hasValue(recipe.toYaml());
        assertThat(manifest.metrics())
                .containsEntry(
                        MetricNames.VALIDATION_LOSS,
                        outcome.validation().orElseThrow().crossEntropyLoss());
    }

    @Test
    void everyStepHasOneLineWithTheNamesOfTheField() throws IOException {
        Path run = folder.resolve("run");
        new Trainer(recipe(TinyRun.routed("{type: expert_choice}")), run, TrainingListener.SILENT).run(false);
        List<Map<String, Double>> lines = TinyRun.reproducibleMetrics(run);
        assertThat(lines)
                .extracting(line -> line.get("step"))
                .containsExactlyElementsOf(
                        upTo(12).stream().map(Long::doubleValue).toList());
        assertThat(lines.getFirst())
                .containsOnlyKeys(
                        "step",
                        "train/cross_entropy_loss",
                        "train/total_loss",
                        "train/auxiliary_loss",
                        "train/tokens_seen",
                        "train/forward_flops",
                        "optimizer/learning_rate",
                        "optimizer/grad_norm",
                        "routing/mean_recursion_depth",
                        "routing/capacity_factor/0",
                        "routing/capacity_factor/1",
                        "routing/capacity_factor/2",
                        "routing/sampling_accuracy",
                        "routing/dead_token_ratio");
        assertThat(lines.get(2))
                .containsKeys(
                        "validation/cross_entropy_loss",
                        "validation/cross_entropy_loss_standard_error",
                        "validation/bits_per_byte",
                        "validation/mean_recursion_depth");
        assertThat(lines.get(0)).containsEntry("optimizer/learning_rate", 0.0);
        assertThat(lines.get(1)).containsEntry("optimizer/learning_rate", 0.005);
        assertThat(lines.get(2)).containsEntry("optimizer/learning_rate", 0.01);
    }

    @Test
    void lossFallsAndTheBestCheckpointIsTheOneWithTheLowestValidationLoss() throws IOException {
        Path run = folder.resolve("run");
        RecordingListener listener = new RecordingListener();
        TrainingOutcome outcome = new Trainer(recipe(TinyRun.RECURSIVE, "schedule.steps=60"), run, listener).run(false);
        assertThat(listener.steps.getLast().crossEntropyLoss())
                .isLessThan(listener.steps.getFirst().crossEntropyLoss() - 1);
        ValidationReport best = listener.validations.stream()
                .min(Comparator.comparingDouble(ValidationReport::crossEntropyLoss))
                .orElseThrow();
        assertThat(best.isBest()).isTrue();
        Manifest manifest = CheckpointDirectory.open(outcome.best().orElseThrow())
                .manifest()
                .orElseThrow();
        assertThat(manifest.step()).isEqualTo(best.step());
        assertThat(best.meanRecursionDepth()).isEqualTo(3);
        assertThat(best.standardError()).isBetween(0.001, 1.0);
        // Tokens of 300 ids stand for one byte and more each.
        assertThat(best.bitsPerByte()).isLessThan(best.crossEntropyLoss() / Math.log(2));
    }

    @Test
    void numberOfWorkersDoesNotChangeTheNumbers() throws IOException {
        TorchRuntime.setThreadsOfCaller(2);
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        new Trainer(recipe(TinyRun.RECURSIVE, "parallelism.workers=1"), one, TrainingListener.SILENT).run(false);
        new Trainer(recipe(TinyRun.RECURSIVE, "parallelism.workers=2"), two, TrainingListener.SILENT).run(false);
        TorchRuntime.setThreadsOfCaller(1);
        assertThat(TinyRun.lastWeights(two)).isEqualTo(TinyRun.lastWeights(one));
    }

    @Test
    void folderThatHoldsARunIsRefusedWithoutResume() throws IOException {
        Path run = folder.resolve("run");
        Recipe recipe = recipe(TinyRun.VANILLA, "schedule.steps=2");
        new Trainer(recipe, run, TrainingListener.SILENT).run(false);
        assertThatThrownBy(() -> new Trainer(recipe, run, TrainingListener.SILENT).run(false))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("already holds a run")
                .hasMessageContaining("--resume");
    }

    @Test
    void resumeWithAnotherRecipeIsRefusedAndNamesTheKeys() throws IOException {
        Path run = folder.resolve("run");
        new Trainer(recipe(TinyRun.VANILLA, "schedule.steps=2"), run, TrainingListener.SILENT).run(false);
        Recipe other = recipe(TinyRun.VANILLA, "schedule.steps=3", "optimizer.beta1=0.8");
        assertThatThrownBy(() -> new Trainer(other, run, TrainingListener.SILENT).run(true))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("optimizer.beta1: 0.8 in this recipe, 0.9 in the other")
                .hasMessageContaining("schedule.steps: 3 in this recipe, 2 in the other");
    }

    @Test
    void resumeOfACompletedRunChangesNothing() throws IOException {
        Path run = folder.resolve("run");
        Recipe recipe = recipe(TinyRun.VANILLA);
        new Trainer(recipe, run, TrainingListener.SILENT).run(false);
        byte[] weights = TinyRun.lastWeights(run);
        String metrics = Files.readString(run.resolve("metrics.jsonl"));
        RecordingListener listener = new RecordingListener();
        TrainingOutcome outcome = new Trainer(recipe, run, listener).run(true);
        assertThat(outcome.reason()).isEqualTo(TrainingOutcome.Reason.COMPLETED);
        assertThat(listener.steps).isEmpty();
        assertThat(TinyRun.lastWeights(run)).isEqualTo(weights);
        assertThat(run.resolve("metrics.jsonl")).hasContent(metrics);
    }

    @Test
    void resumeWithoutARunStartsOneAndSaysSo() throws IOException {
        RecordingListener listener = new RecordingListener();
        Recipe recipe = recipe(TinyRun.VANILLA, "schedule.steps=2");
        new Trainer(recipe, folder.resolve("run"), listener).run(true);
        assertThat(listener.warnings).singleElement().asString().contains("contains no run to resume");
        assertThat(listener.steps).hasSize(2);
    }

    @Test
    void secondRunInTheSameFolderIsRefusedWhileTheFirstGoesOn() throws IOException {
        Path run = folder.resolve("run");
        Recipe recipe = recipe(TinyRun.VANILLA, "schedule.steps=2");
        RecordingListener listener = new RecordingListener()
                .afterStep(report -> assertThatThrownBy(
                                () -> new Trainer(recipe, run, TrainingListener.SILENT).run(true))
                        .isInstanceOf(InputException.class)
                        .hasMessageContaining("another run is writing into this folder"));
        new Trainer(recipe, run, listener).run(false);
        assertThat(listener.steps).hasSize(2);
    }

    @Test
    void missingDataAndMisfitsAreRefusedBeforeAnythingIsWritten() {
        Path run = folder.resolve("run");
        assertRefused(Recipe.parse(TinyRun.VANILLA, List.of()), run, "data.dataset is missing");
        assertRefused(
                Recipe.parse(TinyRun.VANILLA, List.of("data.dataset=" + folder.resolve("none"))),
                run,
                "no such folder");
        assertRefused(recipe(TinyRun.VANILLA, "model.vocab_size=512"), run, "model.vocab_size must be the tokenizer's");
        assertRefused(recipe(TinyRun.VANILLA, "tokenizer.file=" + folder.resolve("t.json")), run, "t.json");
        assertThat(run).doesNotExist();
    }

    /// An error that is found after the folder and its files were written.
    @Test
    void aRunThatIsRefusedBeforeItsFirstStepLeavesNothing() throws IOException {
        Path run = folder.resolve("run");
        Recipe withoutState = recipe(TinyRun.VANILLA, "schedule.cooldown_from=" + folder.resolve("no-state"));
        assertRefused(withoutState, run, "no-state");
        assertThat(run).doesNotExist();
        Files.createDirectory(run);
        Path own = Files.writeString(run.resolve(".keep"), "");
        assertRefused(withoutState, run, "no-state");
        assertThat(run).isDirectoryContaining(own::equals);
        assertThat(children(run)).hasSize(1);
    }

    @Test
    void nonFiniteLossEndsTheRunAndLeavesTheStateBefore() throws Exception {
        Path run = folder.resolve("run");
        Recipe recipe = recipe(
                TinyRun.VANILLA,
                "optimizer.learning_rate=1e30",
                "schedule.warmup_steps=0",
                "checkpoint.every_steps=1",
                "metrics.validate_every=0");
        assertNoNativeLeak(() -> assertThatThrownBy(() -> new Trainer(recipe, run, TrainingListener.SILENT).run(false))
                .isInstanceOf(NonFiniteLossException.class)
                .hasMessageContaining("step 2")
                .hasMessageContaining("Try"));
        assertThat(StateDirectory.open(run.resolve("step-1")).state().step()).isEqualTo(1);
        assertThat(run.resolve("step-2")).doesNotExist();
    }

    @Test
    void stateThatCannotBeWrittenIsReportedAndTheOneBeforeIsUnharmed() throws IOException {
        Path run = folder.resolve("run");
        Path undisturbed = folder.resolve("undisturbed");
        Recipe recipe = recipe(TinyRun.VANILLA);
        // A folder cannot be renamed onto a link, so that the save of step 8 fails like one on a full disk.
        RecordingListener listener = new RecordingListener().afterStep(report -> {
            if (report.step() == 6) {
                blockWith(run.resolve("step-8"));
            }
        });
        assertThatThrownBy(() -> new Trainer(recipe, run, listener).run(false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("step-8: could not be written at step 8")
                .hasMessageContaining("--resume");
        Files.delete(run.resolve("step-8"));
        new Trainer(recipe, run, TrainingListener.SILENT).run(true);
        new Trainer(recipe, undisturbed, TrainingListener.SILENT).run(false);
        assertThat(TinyRun.lastWeights(run)).isEqualTo(TinyRun.lastWeights(undisturbed));
    }

    @Test
    void runFreesAllNativeMemory() throws Exception {
        assertNoNativeLeak(() ->
                new Trainer(recipe(TinyRun.RECURSIVE), folder.resolve("run"), TrainingListener.SILENT).run(false));
    }

    @Test
    void statesNamedForCooldownsAreKept() throws IOException {
        Path run = folder.resolve("run");
        Recipe recipe = recipe(TinyRun.VANILLA, "checkpoint.save_stable_at=[3, 6]", "checkpoint.every_steps=2");
        new Trainer(recipe, run, TrainingListener.SILENT).run(false);
        assertThat(children(run).stream().filter(name -> name.startsWith("step-")))
                .containsExactlyInAnyOrder("step-3", "step-6", "step-10", "step-12");
    }

    @Test
    void cooldownFromTheEndOfThePlateauEqualsTheRunItBranchesOff() throws IOException {
        Path whole = folder.resolve("whole");
        Path branch = folder.resolve("branch");
        String routing = TinyRun.routed("{type: expert_choice}");
        new Trainer(
                        recipe(routing, "checkpoint.save_stable_at=[8]", "schedule.decay_steps=4"),
                        whole,
                        TrainingListener.SILENT)
                .run(false);
        RecordingListener listener = new RecordingListener();
        Recipe cooldown = recipe(routing, "schedule.cooldown_from=" + whole.resolve("step-8"));
        new Trainer(cooldown, branch, listener).run(false);
        assertThat(listener.steps).extracting(StepReport::step).containsExactly(9L, 10L, 11L, 12L);
        assertThat(TinyRun.lastWeights(branch)).isEqualTo(TinyRun.lastWeights(whole));
    }

    @Test
    void cooldownFromTheDecayOrAnotherKindOfRunIsRefused() throws IOException {
        Path whole = folder.resolve("whole");
        Recipe recipe = recipe(TinyRun.VANILLA, "schedule.decay_steps=4");
        new Trainer(recipe, whole, TrainingListener.SILENT).run(false);
        String from = "schedule.cooldown_from=" + whole.resolve("step-12");
        assertRefused(recipe(TinyRun.VANILLA, from, "schedule.steps=20"), folder.resolve("a"), "state of the plateau");
        assertRefused(
                recipe(TinyRun.VANILLA, "schedule.cooldown_from=" + whole.resolve("step-8"), "optimizer.beta1=0.5"),
                folder.resolve("b"),
                "the state of a different run (optimizer.beta1: 0.5 in this recipe, 0.9 in the other)");
        // A refused start leaves nothing behind that would prevent a correct one.
        new Trainer(recipe(TinyRun.VANILLA, "schedule.steps=3"), folder.resolve("b"), TrainingListener.SILENT)
                .run(false);
    }

    private static Recipe recipe(String yaml, String... overrides) {
        return TinyRun.recipe(yaml, dataset, overrides);
    }

    private static void assertRefused(Recipe recipe, Path run, String message) {
        assertThatThrownBy(() -> new Trainer(recipe, run, TrainingListener.SILENT).run(false))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    private static void blockWith(Path link) {
        try {
            Files.createSymbolicLink(link, Path.of("nowhere"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Long> upTo(long last) {
        return LongStream.rangeClosed(1, last).boxed().toList();
    }

    private static List<String> children(Path run) throws IOException {
        try (Stream<Path> files = Files.list(run)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void aDeviceThatIsNotThereIsRefusedBeforeAnythingIsWritten() {
        assumeFalse(TorchRuntime.hasCuda());
        Recipe recipe = TinyRun.recipe(TinyRun.VANILLA, dataset, "parallelism.device=cuda");
        Path run = folder.resolve("run");
        assertThatThrownBy(() -> new Trainer(recipe, run, TrainingListener.SILENT).run(false))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("parallelism.device must be available to LibTorch, got cuda:0: this LibTorch")
                .hasMessageEndingWith("; otherwise train with parallelism.device=cpu");
        assertThat(run).doesNotExist();
    }
}
