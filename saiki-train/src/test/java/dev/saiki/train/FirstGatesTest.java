package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.io.InputException;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Step gates rise over the first steps of a run, whatever is learned, and injection begins with the share in
/// the recipe.
class FirstGatesTest {

    private static final String GATED = TinyRun.RECURSIVE.replace("num_recursions: 3", """
            num_recursions: 3
                step_gates: true
                injection: true""");

    /// A rate so small that only scheduled values change.
    private static final String STANDS_STILL = "optimizer.learning_rate=1.0e-30";

    @TempDir
    private static Path folder = Path.of("");

    private static Path data = Path.of("");

    @BeforeAll
    static void prepare() throws IOException {
        data = TinyRun.prepareData(folder.resolve("data"));
    }

    private static CheckpointDirectory trained(String name, String... overrides) throws IOException {
        Recipe recipe = TinyRun.recipe(GATED, data, overrides);
        new Trainer(recipe, folder.resolve(name), TrainingListener.SILENT).run(false);
        return CheckpointDirectory.open(folder.resolve(name));
    }

    private static float[] values(CheckpointDirectory model, String tensor) {
        return Objects.requireNonNull(model.tensors().get(tensor)).toFloats();
    }

    @Test
    void gatesRiseToOneOverTheShareOfTheStepsAndAreLearnedAfterwards() throws IOException {
        String closed = "initialisation.step_gate=0";
        assertThat(values(trained("still", STANDS_STILL, closed), ParameterNames.STEP_GATES)[1])
                .isCloseTo(0, within(1e-20f));
        String half = "schedule.open_gates_fraction=0.5";
        assertThat(values(trained("open", STANDS_STILL, closed, half), ParameterNames.STEP_GATES))
                .containsExactly(1, 1, 1);
        assertThat(values(trained("learned", closed, half), ParameterNames.STEP_GATES)[1])
                .isNotEqualTo(1)
                .isBetween(0.8f, 1.2f);
    }

    @Test
    void gatesThatAreStillRisingAreAShareOfTheWay() throws IOException {
        String[] still = {
            STANDS_STILL, "initialisation.step_gate=0", "schedule.open_gates_fraction=1", "checkpoint.every_steps=3"
        };
        AtomicReference<Trainer> running = new AtomicReference<>();
        running.set(new Trainer(TinyRun.recipe(GATED, data, still), folder.resolve("rising"), new TrainingListener() {
            @Override
            public void onStep(StepReport report) {
                if (report.step() == 3) {
                    running.get().requestStop();
                }
            }
        }));
        running.get().run(false);
        assertThat(values(CheckpointDirectory.open(folder.resolve("rising")), ParameterNames.STEP_GATES)[2])
                .isEqualTo(0.25f);
        new Trainer(TinyRun.recipe(GATED, data, still), folder.resolve("rising"), TrainingListener.SILENT).run(true);
        assertThat(TinyRun.lastWeights(folder.resolve("rising")))
                .isEqualTo(TinyRun.lastWeights(Objects.requireNonNull(
                        trained("undisturbed", still).path().getParent())));
    }

    @Test
    void injectionBeginsWithTheShareThatTheRecipeSays() throws IOException {
        CheckpointDirectory model = trained("injected", STANDS_STILL, "initialisation.injection=0.75");
        double rate = values(model, ParameterNames.INJECTION_RATE)[0];
        double decay = values(model, ParameterNames.INJECTION_DECAY)[3];
        double injected = Math.log1p(Math.exp(rate));
        assertThat(injected).isCloseTo(0.75, within(1e-6));
        assertThat(Math.exp(-injected * Math.exp(decay))).isCloseTo(0.25, within(1e-6));
        CheckpointDirectory usual = trained("usual", STANDS_STILL);
        assertThat(Math.log1p(Math.exp(values(usual, ParameterNames.INJECTION_RATE)[0])))
                .isCloseTo(0.1, within(1e-6));
    }

    @Test
    void whatTheModelHasNoPlaceForIsRefused() {
        assertThatThrownBy(() -> TinyRun.recipe(TinyRun.RECURSIVE, data, "schedule.open_gates_fraction=0.1"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("schedule.open_gates_fraction must be 0 without model.recursion.step_gates");
        assertThatThrownBy(() -> TinyRun.recipe(TinyRun.RECURSIVE, data, "initialisation.injection=0.5"))
                .hasMessageContaining("initialisation.injection is for models with recursion.injection: true");
        assertThatThrownBy(() -> TinyRun.recipe(GATED, data, "initialisation.injection=1"))
                .hasMessageContaining("initialisation.injection must be above 0 and below 1, got 1.0");
        Recipe recipe = TinyRun.recipe(GATED, data, "initialisation.injection=0.5", "schedule.open_gates_fraction=0.1");
        assertThat(Recipe.parse(recipe.toYaml(), List.of())).isEqualTo(recipe);
    }
}
