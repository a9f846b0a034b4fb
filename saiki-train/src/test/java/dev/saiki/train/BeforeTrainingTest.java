package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.tensor.TorchRuntime;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The model before training is one of the candidates for the best checkpoint.
class BeforeTrainingTest {

    private static final String WITHOUT_MODEL = TinyRun.VANILLA.substring(TinyRun.VANILLA.indexOf("optimizer:"));

    private static final String GATED =
            TinyRun.RECURSIVE.replace("num_recursions: 3", "num_recursions: 3\n    step_gates: true");

    /// A learning rate at which nothing is learned.
    private static final String HARM = "optimizer.learning_rate=3.0";

    @TempDir
    static Path shared;

    private static Path data = Path.of("");
    private static Path base = Path.of("");

    @TempDir
    Path folder;

    @BeforeAll
    static void trainBase() throws IOException {
        TorchRuntime.setThreadsOfCaller(1);
        data = TinyRun.prepareData(shared.resolve("data"));
        base = shared.resolve("base");
        new Trainer(TinyRun.recipe(TinyRun.VANILLA, data, "schedule.steps=40"), base, TrainingListener.SILENT)
                .run(false);
    }

    private static Recipe from(Path model, String... overrides) {
        List<String> all = new ArrayList<>(List.of("initialisation.from=" + model));
        all.addAll(List.of(overrides));
        return TinyRun.recipe(WITHOUT_MODEL, data, all.toArray(String[]::new));
    }

    @Test
    void aRunThatOnlyGetsWorseKeepsNoBestAndSaysSoWhenItGoesOn() throws IOException {
        Path run = folder.resolve("run");
        RecordingListener listener = new RecordingListener();
        TrainingOutcome outcome = new Trainer(from(base, HARM), run, listener).run(false);
        assertThat(outcome.best()).isEmpty();
        assertThat(run.resolve("best")).doesNotExist();
        TrainingOutcome.Before before = outcome.before().orElseThrow();
        assertThat(before.isBest()).isTrue();
        assertThat(before.crossEntropyLoss())
                .isEqualTo(listener.validations.getFirst().crossEntropyLoss());
        assertThat(listener.validations).hasSize(5).noneMatch(ValidationReport::isBest);
        TrainingOutcome again = new Trainer(from(base, HARM), run, TrainingListener.SILENT).run(true);
        assertThat(again.before()).contains(before);
    }

    @Test
    void patienceBeginsWithTheModelBeforeTraining() throws IOException {
        TrainingOutcome outcome = new Trainer(
                        from(base, HARM, "schedule.patience=2"), folder.resolve("run"), TrainingListener.SILENT)
                .run(false);
        assertThat(outcome.reason()).isEqualTo(TrainingOutcome.Reason.COMPLETED);
        assertThat(outcome.step()).isEqualTo(6);
    }

    @Test
    void aRunThatGetsBetterKeepsItsBest() throws IOException {
        TrainingOutcome outcome =
                new Trainer(from(base, "schedule.steps=40"), folder.resolve("run"), TrainingListener.SILENT).run(false);
        assertThat(outcome.best()).isPresent();
        assertThat(outcome.before()).hasValueSatisfying(before -> {
            assertThat(before.isBest()).isFalse();
            assertThat(before.crossEntropyLoss())
                    .isGreaterThan(outcome.validation().orElseThrow().crossEntropyLoss());
        });
    }

    @Test
    void aRunFromFreshWeightsHasNothingBefore() throws IOException {
        TrainingOutcome outcome = new Trainer(
                        TinyRun.recipe(TinyRun.VANILLA, data), folder.resolve("run"), TrainingListener.SILENT)
                .run(false);
        assertThat(outcome.before()).isEmpty();
        assertThat(outcome.best()).isPresent();
    }

    @Test
    void whoOpensTheGatesOfADeepenedModelAnewIsTold() throws IOException {
        Path deepened = folder.resolve("deepened");
        new Trainer(TinyRun.recipe(GATED, data), deepened, TrainingListener.SILENT).run(false);
        assertThat(warnings(from(deepened, "schedule.open_gates_fraction=0.25")))
                .anyMatch(warning -> warning.contains("already has further passes")
                        && warning.contains("schedule.open_gates_fraction=0 keeps the gates"));
        assertThat(warnings(from(deepened))).isEmpty();
    }

    private List<String> warnings(Recipe recipe) throws IOException {
        RecordingListener listener = new RecordingListener();
        new Trainer(recipe, folder.resolve("run-" + recipe.schedule().openGatesSteps(12)), listener).run(false);
        return listener.warnings;
    }
}
