package dev.saiki.study;

import static dev.saiki.study.BlinkStudy.EXITS;
import static dev.saiki.study.BlinkStudy.PLAN;
import static dev.saiki.study.BlinkStudy.finished;
import static dev.saiki.study.BlinkStudy.measured;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.study.BlinkStudy.Started;
import dev.saiki.study.BlinkStudy.StopAfterAStep;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyProgress;
import dev.saiki.study.results.StudyResults;
import dev.saiki.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Studies that continue where an earlier session stopped.
class StudyResumptionTest {

    @TempDir
    private Path folder;

    private Path out;

    @BeforeEach
    void writeText() throws IOException {
        out = folder.resolve("out");
        BlinkStudy.writeText(folder);
    }

    private StudyPlan plan(String seeds, String more) throws IOException {
        return BlinkStudy.plan(folder, seeds, more);
    }

    private void stopWithin(String interrupted) throws IOException {
        AtomicReference<Study> running = new AtomicReference<>();
        Study study = new Study(plan("0", ""), out, new StudyListener() {
            @Override
            public TrainingListener onTraining(String run) {
                return run.equals(interrupted) ? new StopAfterAStep(running) : TrainingListener.SILENT;
            }
        });
        running.set(study);
        assertThat(study.run())
                .isInstanceOfSatisfying(
                        StudyOutcome.Stopped.class,
                        stopped -> assertThat(stopped.during()).isEqualTo(interrupted));
    }

    @Test
    void aStudyStoppedWithinATrainingGoesOnToTheSameNumbers() throws IOException {
        StudyResults whole = finished(new Study(plan("0", ""), folder.resolve("whole"), StudyListener.SILENT).run());
        stopWithin("vanilla-a-4e7-s0");
        stopWithin("mor-a-1.6e7-s0");
        Started started = new Started(new ArrayList<>());
        StudyResults resumed = finished(new Study(plan("0", ""), out, started).run());
        assertThat(started.runs()).containsExactly("mor-a-1.6e7-s0");
        assertThat(measured(resumed)).isEqualTo(measured(whole));
        assertThat(resumed.comparisons()).isEqualTo(whole.comparisons());
    }

    @Test
    void aStudyStoppedWithinATrainingGoesOnWhereItWasMovedTo() throws IOException {
        StudyResults whole = finished(new Study(plan("0", ""), folder.resolve("whole"), StudyListener.SILENT).run());
        for (String interrupted : List.of("vanilla-a-4e7-s0", "mor-a-1.6e7-s0")) {
            stopWithin(interrupted);
            Path moved = folder.resolve("moved-within-" + interrupted);
            Files.move(out, moved);
            out = moved;
        }
        StudyResults resumed = finished(new Study(plan("0", ""), out, StudyListener.SILENT).run());
        assertThat(measured(resumed)).isEqualTo(measured(whole));
    }

    @Test
    void aKillAfterTheTrainingOfARunLosesItsMeasuringAlone() throws IOException {
        StudyResults whole = finished(new Study(plan("0", ""), out, StudyListener.SILENT).run());
        Files.delete(out.resolve("study.json"));
        Started started = new Started(new ArrayList<>());
        StudyResults again = finished(new Study(plan("0", ""), out, started).run());
        assertThat(started.runs()).isEmpty();
        assertThat(measured(again)).isEqualTo(measured(whole));
    }

    @Test
    void aPlanThatGrowsKeepsWhatIsThere() throws IOException {
        finished(new Study(plan("0", ""), out, StudyListener.SILENT).run());
        Started started = new Started(new ArrayList<>());
        StudyResults grown = finished(
                new Study(plan("0, 1", ", more: {shallow: {kind: held_out, max_depth: 1}}"), out, started).run());
        assertThat(started.runs()).hasSize(4).allMatch(run -> run.endsWith("-s1"));
        assertThat(grown.runs()).hasSize(10).allSatisfy(run -> {
            assertThat(run.measurement("shallow").isPresent())
                    .isEqualTo(run.family().equals("mor"));
            assertThat(run.measurement("shallow").stream())
                    .allSatisfy(shallow -> assertThat(shallow.meanDepth()).isEqualTo(1));
        });
    }

    @Test
    void earlyExitsThatJoinAPlanMeasureNoRoutedModelAndNoTrialAgain() throws IOException {
        finished(new Study(plan("0", ""), out, StudyListener.SILENT).run());
        Started started = new Started(new ArrayList<>());
        List<String> measured = new ArrayList<>();
        StudyResults grown = finished(new Study(plan("0", EXITS), out, new StudyListener() {
                    @Override
                    public TrainingListener onTraining(String run) {
                        return started.onTraining(run);
                    }

                    @Override
                    public void onRun(RunResult run, StudyProgress progress) {
                        measured.add(run.id());
                    }
                })
                .run());
        assertThat(started.runs()).isEmpty();
        assertThat(measured).hasSize(2).allMatch(run -> run.startsWith("vanilla"));
        measured.clear();
        StudyResults again = finished(new Study(plan("0", EXITS), out, new StudyListener() {
                    @Override
                    public void onRun(RunResult run, StudyProgress progress) {
                        measured.add(run.id());
                    }
                })
                .run());
        assertThat(measured).isEmpty();
        assertThat(measured(again)).isEqualTo(measured(grown));
    }

    @Test
    void resultsAloneAreEnoughToGoOnElsewhere() throws IOException {
        StudyResults whole = finished(new Study(plan("0", EXITS), out, StudyListener.SILENT).run());
        AtomicFiles.deleteRecursively(out.resolve("runs"));
        AtomicFiles.deleteRecursively(out.resolve("data"));
        Started started = new Started(new ArrayList<>());
        StudyResults same = finished(new Study(plan("0", EXITS), out, started).run());
        assertThat(started.runs()).isEmpty();
        assertThat(same.runs()).isEqualTo(whole.runs());
        assertThat(same.families()).isEqualTo(whole.families());
        assertThat(out.resolve("runs")).doesNotExist();

        StudyResults fewer = finished(new Study(plan("0", ""), out, started).run());
        assertThat(started.runs()).isEmpty();
        assertThat(fewer.runs())
                .allSatisfy(run -> assertThat(run.measurements()).hasSize(1));

        StudyResults grown = finished(new Study(plan("0, 1", ""), out, started).run());
        assertThat(started.runs()).hasSize(4).allMatch(run -> run.endsWith("-s1"));
        assertThat(grown.runs()).hasSize(10);
        assertThat(measured(grown)).containsAll(measured(fewer));
    }

    @Test
    void resultsWithoutCheckpointsCannotBeMeasuredAnew() throws IOException {
        finished(new Study(plan("0", ""), out, StudyListener.SILENT).run());
        AtomicFiles.deleteRecursively(out.resolve("runs"));
        assertThatThrownBy(() -> new Study(plan("0", EXITS), out, StudyListener.SILENT).run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the plan changed the rows or evaluations of vanilla-a-4e7-s0")
                .hasMessageContaining("restore runs/vanilla-a-4e7-s0/last");
        Path fewerRows = folder.resolve("fewer.yaml");
        Files.writeString(fewerRows, PLAN.replace("SEEDS", "0").replace("rows: 12", "rows: 10"));
        assertThatThrownBy(() -> new Study(StudyPlan.read(fewerRows), out, StudyListener.SILENT).run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no longer exists");
    }

    @Test
    void resultsWithoutFoldersStillRefuseAPlanThatTrainsOtherwise() throws IOException {
        finished(new Study(plan("0", ""), out, StudyListener.SILENT).run());
        AtomicFiles.deleteRecursively(out.resolve("runs"));
        Path changed = folder.resolve("changed.yaml");
        Files.writeString(changed, PLAN.replace("SEEDS", "0").replace("learning_rate: 1e-2", "learning_rate: 2e-2"));
        assertThatThrownBy(() -> new Study(StudyPlan.read(changed), out, StudyListener.SILENT).run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("study.json: was trained with another plan (optimizer.learning_rate")
                .hasMessageContaining("another folder for the changed plan");
    }

    @Test
    void aTrunkThatCameWithoutItsStatesIsTrainedAgainForTheBudgetsThatAreLeft() throws IOException {
        StudyResults whole = finished(new Study(plan("0", ""), folder.resolve("whole"), StudyListener.SILENT).run());
        AtomicReference<Study> running = new AtomicReference<>();
        Study study = new Study(plan("0", ""), out, new StudyListener() {
            @Override
            public TrainingListener onTraining(String run) {
                return run.equals("mor-a-1.6e7-s0") ? new StopAfterAStep(running) : TrainingListener.SILENT;
            }
        });
        running.set(study);
        assertThat(study.run()).isInstanceOf(StudyOutcome.Stopped.class);
        AtomicFiles.deleteRecursively(out.resolve("runs"));
        Started started = new Started(new ArrayList<>());
        StudyResults resumed = finished(new Study(plan("0", ""), out, started).run());
        assertThat(started.runs()).containsExactly("mor-a-4e7-s0", "mor-a-1.6e7-s0");
        assertThat(measured(resumed)).isEqualTo(measured(whole));
    }

    @Test
    void aRunThatThePlanChangedIsRefused() throws IOException {
        finished(new Study(plan("0", ""), out, StudyListener.SILENT).run());
        Path changed = folder.resolve("changed.yaml");
        Files.writeString(changed, PLAN.replace("SEEDS", "0").replace("learning_rate: 1e-2", "learning_rate: 2e-2"));
        assertThatThrownBy(() -> new Study(StudyPlan.read(changed), out, StudyListener.SILENT).run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("was trained with another plan (optimizer.learning_rate")
                .hasMessageContaining("another folder for the changed plan");
    }
}
