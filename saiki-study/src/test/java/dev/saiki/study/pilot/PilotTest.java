package dev.saiki.study.pilot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.io.InputException;
import dev.saiki.model.Precision;
import dev.saiki.study.Study;
import dev.saiki.study.StudyListener;
import dev.saiki.study.StudyOutcome;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.results.FamilyComparison;
import dev.saiki.study.results.GeneratedSamples;
import dev.saiki.study.results.Measurement;
import dev.saiki.study.results.RunPurpose;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import dev.saiki.train.StepReport;
import dev.saiki.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole pilot, on a small text and with a budget of a few steps.
class PilotTest {

    /// Forward FLOPs of a few steps of each model.
    private static final double BUDGET = 2e9;

    private static final PilotSize TINY = new PilotSize("tiny", 32, 64, 4, 2, 1, 512, 3e-3, 0);

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
        PilotOptions options =
                new PilotOptions(List.of(tiny), 1, folder.resolve("out"), 0, OptionalInt.empty(), Optional.empty());
        assertThatThrownBy(() -> new Pilot(options, StudyListener.SILENT).run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the corpus is too small for a pilot")
                .hasMessageContaining("240 characters, and at least 100000 are needed");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void aPilotIsAStudyOfSixModelsThatWriteAndASecondStudyByItsPlanFindsTheSame() throws IOException {
        Path out = folder.resolve("out");
        StudyResults results = finished(new Pilot(prepared(out), StudyListener.SILENT).run());
        List<RunResult> grid = results.runs().stream()
                .filter(run -> run.purpose() == RunPurpose.GRID)
                .toList();
        assertThat(grid)
                .extracting(RunResult::family)
                .containsExactly("vanilla-5", "vanilla-3", "vanilla-4", "recursive-3", "random-3", "MoR-3");
        assertThat(results.runs()).hasSize(18);
        for (RunResult run : grid) {
            assertThat(CheckpointDirectory.open(out.resolve(run.checkpoint())).hasTokenizer())
                    .as(run.id())
                    .isTrue();
            assertThat(run.training().forwardFlops()).as(run.id()).isBetween(0.8 * BUDGET, 1.2 * BUDGET);
        }
        assertThat(grid.getLast().measurements()).extracting(Measurement::name).contains("effort-0.2");
        assertThat(results.comparisons())
                .extracting(FamilyComparison::family)
                .containsExactly("recursive-3", "MoR-3", "MoR-3", "MoR-3", "MoR-3", "MoR-3");
        assertThat(results.floor()).isPresent();
        assertThat(results.written()).hasSize(6).allSatisfy(written -> {
            assertThat(written.samples()).hasSize(4);
            assertThat(written.speed().orElseThrow().tokensPerSecond()).hasSizeGreaterThanOrEqualTo(3);
        });
        assertThat(StudyResults.FILE.read(out.resolve(StudyResults.NAME))).isEqualTo(results);

        StudyPlan plan = StudyPlan.read(out.resolve(Pilot.PLAN_FILE));
        StudyResults again = finished(new Study(plan, folder.resolve("again"), StudyListener.SILENT).run());
        assertThat(again.comparisons()).isEqualTo(results.comparisons());
    }

    @Test
    @Tag("slow")
    void aPilotStoppedInTheMiddleGoesOnToTheSameResult() throws IOException {
        StudyResults undisturbed = finished(new Pilot(prepared(folder.resolve("whole")), StudyListener.SILENT).run());
        PilotOptions options = prepared(folder.resolve("broken"));
        AtomicReference<Pilot> running = new AtomicReference<>();
        Pilot first = new Pilot(options, new StopAtStep("recursive-3-tiny-2e9-s3", 2, running));
        running.set(first);
        assertThat(first.run()).isInstanceOf(StudyOutcome.Stopped.class);
        StudyResults resumed = finished(new Pilot(options, StudyListener.SILENT).run());
        assertThat(resumed.comparisons()).isEqualTo(undisturbed.comparisons());
        assertThat(resumed.written())
                .extracting(GeneratedSamples::samples)
                .isEqualTo(undisturbed.written().stream()
                        .map(GeneratedSamples::samples)
                        .toList());
        List<String> trained = new ArrayList<>();
        StudyResults third = finished(new Pilot(options, new StudyListener() {
                    @Override
                    public TrainingListener onTraining(String run) {
                        trained.add(run);
                        return TrainingListener.SILENT;
                    }
                })
                .run());
        assertThat(trained).isEmpty();
        assertThat(third.written()).isEqualTo(resumed.written());
    }

    /// Options whose plan already exists, so that the result does not depend on the machine's speed.
    private PilotOptions prepared(Path out) throws IOException {
        PilotOptions options = new PilotOptions(List.of(corpus), 0.5, out, 3, OptionalInt.empty(), Optional.empty());
        Files.createDirectories(out);
        Files.writeString(
                out.resolve(Pilot.PLAN_FILE),
                new PilotPlan(options, new CorpusSize(24, 120_000), TINY, Precision.FLOAT32, BUDGET).toYaml());
        return options;
    }

    private static StudyResults finished(StudyOutcome outcome) {
        assertThat(outcome).isInstanceOf(StudyOutcome.Finished.class);
        return ((StudyOutcome.Finished) outcome).results();
    }

    private static String story(Random random) {
        List<String> who = List.of("The captain", "A sailor", "The old cook", "Nobody", "The whale", "My friend");
        List<String> what = List.of("looked at", "spoke of", "forgot", "feared", "sang about", "went towards");
        List<String> whom = List.of("the sea", "the island", "a white sail", "the morning", "his mother", "the storm");
        StringBuilder text = new StringBuilder();
        for (int sentence = 0; sentence < 160; sentence++) {
            text.append(who.get(random.nextInt(6))).append(' ').append(what.get(random.nextInt(6)));
            text.append(' ').append(whom.get(random.nextInt(6))).append(sentence % 8 == 7 ? ".\n" : ". ");
        }
        return text.toString();
    }

    /// Asks the pilot to stop when a run has taken a given number of steps.
    private record StopAtStep(String run, long step, AtomicReference<Pilot> pilot) implements StudyListener {
        @Override
        public TrainingListener onTraining(String name) {
            return new TrainingListener() {
                @Override
                public void onStep(StepReport report) {
                    if (name.equals(run) && report.step() == step) {
                        pilot.get().requestStop();
                    }
                }
            };
        }
    }
}
