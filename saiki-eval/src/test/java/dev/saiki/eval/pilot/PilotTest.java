package dev.saiki.eval.pilot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.io.InputException;
import dev.saiki.train.StepReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole of a pilot, on a small text and with a budget of some steps.
class PilotTest {

    /// Forward FLOPs of a few steps of each model.
    private static final double BUDGET = 1.5e11;

    @TempDir
    private Path folder;

    private Path corpus;

    @BeforeEach
    void writeCorpus() throws IOException {
        corpus = Files.createDirectory(folder.resolve("corpus"));
        Random random = new Random(1);
        for (int i = 0; i < 24; i++) {
            Files.writeString(corpus.resolve("story-" + i + ".txt"), story(random));
        }
    }

    @Test
    void aCorpusThatIsTooSmallIsRefusedWithWhatIsNeeded() throws IOException {
        Path tiny = folder.resolve("tiny.txt");
        Files.writeString(tiny, "Too little. ".repeat(20));
        assertThatThrownBy(() -> new Pilot(
                                new PilotOptions(List.of(tiny), 1, folder.resolve("out"), 0), PilotListener.SILENT)
                        .run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the corpus is too small for a pilot");
    }

    @Test
    @Tag("slow")
    void aPilotLeavesThreeCheckpointsAndAResult() throws IOException {
        Path out = folder.resolve("out");
        PilotResult result = finished(new Pilot(prepared(out), PilotListener.SILENT).run());
        for (PilotResult.Model model : result.models()) {
            assertThat(CheckpointDirectory.open(out.resolve(model.checkpoint())).hasTokenizer())
                    .as(model.name())
                    .isTrue();
            assertThat(model.trainingForwardFlops()).as(model.name()).isBetween(0.8 * BUDGET, 1.2 * BUDGET);
            assertThat(model.curve()).as(model.name()).isNotEmpty();
        }
        assertThat(result.models()).extracting(PilotResult.Model::meanDepth).satisfies(depths -> {
            assertThat(depths.get(0)).isEqualTo(1);
            assertThat(depths.get(1)).isEqualTo(2);
            assertThat(depths.get(2)).isBetween(1.0, 2.0);
        });
        assertThat(result.passage().tokens()).isNotEmpty();
        assertThat(result.samples())
                .allSatisfy(prompt -> assertThat(prompt.continuations()).hasSize(3));
        assertThat(PilotResult.read(out.resolve("pilot.json"))).isEqualTo(result);
    }

    @Test
    @Tag("slow")
    void aPilotStoppedInTheMiddleGoesOnToTheSameResult() throws IOException {
        PilotResult undisturbed = finished(new Pilot(prepared(folder.resolve("whole")), PilotListener.SILENT).run());
        Path out = folder.resolve("broken");
        PilotOptions options = prepared(out);
        AtomicReference<Pilot> running = new AtomicReference<>();
        Pilot first = new Pilot(options, new StopAtStep("recursive-2", 2, running));
        running.set(first);
        assertThat(first.run()).isEqualTo(new PilotOutcome.Stopped(PilotPhase.TRAINING));
        List<String> started = new ArrayList<>();
        PilotResult resumed = finished(new Pilot(options, new PilotListener() {
                    @Override
                    public void onTrainingStart(String model, dev.saiki.train.TrainingStart start) {
                        started.add(model + " from " + start.firstStep());
                    }
                })
                .run());
        assertThat(started).containsExactly("recursive-2 from 2", "MoR-2 from 0");
        assertThat(resumed.models())
                .extracting(PilotResult.Model::nll)
                .containsExactlyElementsOf(undisturbed.models().stream()
                        .map(PilotResult.Model::nll)
                        .toList());
        assertThat(resumed.samples()).isEqualTo(undisturbed.samples());
        assertThat(resumed.passage()).isEqualTo(undisturbed.passage());
    }

    @Test
    @Tag("slow")
    void aFinishedPilotIsReadAgainAndNotDoneAgain() throws IOException {
        Path out = folder.resolve("out");
        PilotOptions options = prepared(out);
        PilotResult first = finished(new Pilot(options, PilotListener.SILENT).run());
        List<PilotPhase> phases = new ArrayList<>();
        PilotResult second = finished(new Pilot(options, new PilotListener() {
                    @Override
                    public void onPhase(PilotPhase phase, String message) {
                        phases.add(phase);
                    }
                })
                .run());
        assertThat(second).isEqualTo(first);
        assertThat(phases).isEmpty();
    }

    /// Options whose budget is already chosen, so that the result does not depend on the machine's speed.
    private PilotOptions prepared(Path out) throws IOException {
        PilotOptions options = new PilotOptions(List.of(corpus), 0.5, out, 3);
        Files.createDirectories(out);
        PilotState.open(options)
                .withCalibration(new PilotState.Calibration(BUDGET, "float32", Map.of()))
                .write(out);
        return options;
    }

    private static PilotResult finished(PilotOutcome outcome) {
        assertThat(outcome).isInstanceOf(PilotOutcome.Finished.class);
        return ((PilotOutcome.Finished) outcome).result();
    }

    private static String story(Random random) {
        List<String> who = List.of("The captain", "A sailor", "The old cook", "Nobody", "The whale", "My friend");
        List<String> what = List.of("looked at", "spoke of", "forgot", "feared", "sang about", "went towards");
        List<String> whom = List.of("the sea", "the island", "a white sail", "the morning", "his mother", "the storm");
        StringBuilder text = new StringBuilder();
        for (int sentence = 0; sentence < 120; sentence++) {
            text.append(who.get(random.nextInt(6))).append(' ').append(what.get(random.nextInt(6)));
            text.append(' ').append(whom.get(random.nextInt(6))).append(sentence % 8 == 7 ? ".\n" : ". ");
        }
        return text.toString();
    }

    /// Asks the pilot to stop when a model has taken so many steps.
    private record StopAtStep(String model, long step, AtomicReference<Pilot> pilot) implements PilotListener {
        @Override
        public void onStep(String name, StepReport report) {
            if (name.equals(model) && report.step() == step) {
                pilot.get().requestStop();
            }
        }
    }
}
