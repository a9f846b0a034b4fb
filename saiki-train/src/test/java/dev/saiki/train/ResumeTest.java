package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.tensor.TorchRuntime;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// An interrupted and resumed run equals the uninterrupted run, bit for bit.
class ResumeTest {

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

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {type: none}                                        | data.seed=1
                    {type: expert_choice}                               | objective.capacity_warmup_steps=6
                    {type: expert_choice, causal_by: auxiliary_router}  | data.seed=2
                    {type: token_choice}                                | objective.balancing_warmup_steps=3
                    {type: token_choice}                                | objective.balancing=loss_free
                    {type: random}                                      | data.seed=3
                    {type: none}                                        | model.recursion.step_gates=true
                    {type: expert_choice}                               | model.recursion.step_gates=true
                    {type: expert_choice}                               | model.recursion.step_lora.rank=2
                    {type: token_choice}                                | model.recursion.step_norms=true
                    {type: none}                                        | model.dropout=0.2
                    {type: expert_choice}                               | model.recursion.injection=true
                    {type: expert_choice}                               | model.embedding_size=8
                    {type: expert_threshold, effort_grid: [0.25, 0.5, 1], default_effort: 0.5} | model.dropout=0.2
                    {type: expert_threshold, effort_grid: [0.25, 0.5, 1], default_effort: 0.5} | data.seed=4
                    {type: expert_threshold, effort_grid: [0.25, 0.5, 1], default_effort: 0.5} | precision.compute=bfloat16
                    {type: expert_threshold, effort_grid: [0.25, 0.5, 1], default_effort: 0.5} | schedule.calibrate_tokens=512
                    {type: expert_choice}                               | precision.compute=bfloat16
                    {type: expert_choice}                               | precision.activation_checkpointing=true
                    {type: expert_choice}                               | optimizer.frozen=[model.embed_tokens.weight, model.layers.0.*]
                    {type: token_choice}                                | optimizer.trained=[model.router.*, model.layers.1.*.k_proj.weight]
                    """)
    void runStoppedThreeTimesEqualsTheUndisturbedOne(String routing, String override) throws IOException {
        Recipe recipe = TinyRun.recipe(TinyRun.routed(routing), dataset, override);
        Path undisturbed = folder.resolve("undisturbed");
        Path stopped = folder.resolve("stopped");
        new Trainer(recipe, undisturbed, TrainingListener.SILENT).run(false);
        for (long stopAfter : new long[] {1, 5, 8, Long.MAX_VALUE}) {
            TrainingOutcome outcome = runUntil(recipe, stopped, stopAfter, stopAfter > 1);
            assertThat(outcome.step()).isEqualTo(Math.min(stopAfter, 12));
        }
        assertSame(stopped, undisturbed);
    }

    @Test
    void runThatDiedBetweenTwoStatesEqualsTheUndisturbedOne() throws IOException {
        Recipe recipe = TinyRun.recipe(TinyRun.routed("{type: expert_choice}"), dataset);
        Path undisturbed = folder.resolve("undisturbed");
        Path died = folder.resolve("died");
        new Trainer(recipe, undisturbed, TrainingListener.SILENT).run(false);
        for (long deadly : new long[] {2, 7, 11}) {
            RecordingListener listener = new RecordingListener().afterStep(report -> {
                if (report.step() == deadly) {
                    throw new IllegalStateException("died");
                }
            });
            assertThatThrownBy(() -> new Trainer(recipe, died, listener).run(true))
                    .hasMessage("died");
        }
        new Trainer(recipe, died, TrainingListener.SILENT).run(true);
        assertSame(died, undisturbed);
    }

    @Test
    void leftoversOfAKilledSaveAreRemovedAndDoNotMatter() throws IOException {
        Recipe recipe = TinyRun.recipe(TinyRun.VANILLA, dataset);
        Path undisturbed = folder.resolve("undisturbed");
        Path killed = folder.resolve("killed");
        new Trainer(recipe, undisturbed, TrainingListener.SILENT).run(false);
        runUntil(recipe, killed, 5, false);
        // As after a kill: half of a state, and `last` moved aside before its replacement was in place.
        Files.createDirectories(killed.resolve("step-6.tmp"));
        Files.writeString(killed.resolve("step-6.tmp").resolve("state.json"), "{");
        Files.move(killed.resolve("last"), killed.resolve("last.previous"));
        Files.writeString(
                killed.resolve("metrics.jsonl"), "{\"step\":6,\"wal", java.nio.file.StandardOpenOption.APPEND);
        new Trainer(recipe, killed, TrainingListener.SILENT).run(true);
        assertSame(killed, undisturbed);
        assertThat(killed.resolve("step-6.tmp")).doesNotExist();
        assertThat(killed.resolve("last.previous")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"model.safetensors", "optimizer.safetensors", "state.json"})
    void damagedNewestStateIsPutAsideAndTheOneBeforeIsUsed(String file) throws IOException {
        Recipe recipe = TinyRun.recipe(TinyRun.VANILLA, dataset);
        Path undisturbed = folder.resolve("undisturbed");
        Path damaged = folder.resolve("damaged");
        new Trainer(recipe, undisturbed, TrainingListener.SILENT).run(false);
        runUntil(recipe, damaged, 9, false);
        flipLastByte(damaged.resolve("step-9").resolve(file));
        RecordingListener listener = new RecordingListener();
        new Trainer(recipe, damaged, listener).run(true);
        assertThat(listener.warnings)
                .singleElement()
                .asString()
                .contains("step-9: the saved state is damaged")
                .contains("the previous state is used");
        assertThat(listener.starts.getFirst().firstStep()).isEqualTo(8);
        assertSame(damaged, undisturbed);
    }

    @Test
    void runWhoseStatesAreAllDamagedIsRefused() throws IOException {
        Recipe recipe = TinyRun.recipe(TinyRun.VANILLA, dataset);
        Path run = folder.resolve("run");
        runUntil(recipe, run, 5, false);
        Files.delete(run.resolve("step-4").resolve("model.safetensors"));
        Files.delete(run.resolve("step-5").resolve("optimizer.safetensors"));
        assertThatThrownBy(() -> new Trainer(recipe, run, TrainingListener.SILENT).run(true))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no saved state is usable");
    }

    @Test
    void stateOfAnotherVersionIsNotUsed() throws IOException {
        Recipe recipe = TinyRun.recipe(TinyRun.VANILLA, dataset);
        Path run = folder.resolve("run");
        runUntil(recipe, run, 1, false);
        Path state = run.resolve("step-1").resolve("state.json");
        Files.writeString(state, Files.readString(state).replace("\"format_version\" : 1", "\"format_version\" : 9"));
        assertThatThrownBy(() -> StateDirectory.open(run.resolve("step-1")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("format_version must be 1, got 9");
    }

    @Test
    void resumeOnOtherDataIsRefused() throws IOException {
        Path data = folder.resolve("data");
        TinyRun.copy(dataset, data);
        Path run = folder.resolve("run");
        Recipe recipe = TinyRun.recipe(TinyRun.VANILLA, data);
        runUntil(recipe, run, 1, false);
        Path state = run.resolve("step-1").resolve("state.json");
        Files.writeString(state, Files.readString(state).replaceFirst("(\"data_hash\" : \")..", "$1zz"));
        assertThatThrownBy(() -> new Trainer(recipe, run, TrainingListener.SILENT).run(true))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("was trained on other data");
    }

    static TrainingOutcome runUntil(Recipe recipe, Path run, long step, boolean resume) throws IOException {
        Trainer[] trainer = new Trainer[1];
        RecordingListener listener = new RecordingListener().afterStep(report -> {
            if (report.step() == step) {
                trainer[0].requestStop();
            }
        });
        trainer[0] = new Trainer(recipe, run, listener);
        return trainer[0].run(resume);
    }

    private static void assertSame(Path run, Path undisturbed) throws IOException {
        assertThat(TinyRun.reproducibleMetrics(run)).isEqualTo(TinyRun.reproducibleMetrics(undisturbed));
        assertThat(TinyRun.lastWeights(run)).isEqualTo(TinyRun.lastWeights(undisturbed));
        assertThat(run.resolve("best").resolve("model.safetensors"))
                .hasSameBinaryContentAs(undisturbed.resolve("best").resolve("model.safetensors"));
    }

    private static void flipLastByte(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
    }
}
