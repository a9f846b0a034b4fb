package dev.saiki.study;

import dev.saiki.io.DirectoryLock;
import dev.saiki.io.InputException;
import dev.saiki.study.plan.PlanCopy;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.text.dataset.TokenDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.OptionalInt;

/// A set of trainings and evaluations from one plan, with their comparison.
///
/// The folder holds the data if the study prepared them (`tokenizer.json`, `data/`), a run folder for each
/// training (`runs/<id>/`, each with its checkpoint `last/`), a copy of the plan, and `study.json`, which is
/// rewritten after every run.
///
/// Runs are executed one after the other in this process. A trainer already uses every core, with micro-batches in
/// parallel, so a second trainer at the same time would gain nothing and would distort measured speeds. A new
/// process for each of a hundred short trainings would spend seconds on startup and compilation every time.
/// Reproducibility does not require separate processes: each step of a training depends only on the state of its
/// own trainer.
///
/// A study can be stopped at any moment; the same plan in the same folder resumes it. Results in `study.json` are
/// not computed again, an interrupted training continues exactly, and a checkpoint whose evaluation was
/// interrupted is evaluated again. A plan may grow: more seeds, sizes, families and evaluations are added to the
/// results. A run whose recipe the plan changed is rejected.
///
/// A training that diverges would diverge again, so the study gives it up: `study.json` names it, and the other
/// runs continue. To retry the training, delete only its folder.
///
/// `study.json` alone suffices to resume a study elsewhere: a run listed there needs its folder only for new
/// evaluations, or for a smaller budget that has yet to branch off from it.
public final class Study {

    private final StudyPlan plan;
    private final Optional<PlanCopy> copy;
    private final Path out;
    private final StudyListener listener;
    private final Clock clock;
    private final StopRequest stop = new StopRequest();

    /// Creates a study without any side effect.
    ///
    /// @param plan the plan of the study
    /// @param out the folder for all files of the study
    /// @param listener receives the progress
    public Study(StudyPlan plan, Path out, StudyListener listener) {
        this(plan, Optional.empty(), out, listener, Clock.systemUTC());
    }

    /// Reads a plan and creates its study, which keeps a copy of the plan beside its results.
    ///
    /// @param planFile the file of the plan
    /// @param out the folder for all files of the study
    /// @param listener receives the progress
    /// @return the study
    /// @throws InputException if the plan is missing or invalid
    public static Study of(Path planFile, Path out, StudyListener listener) {
        StudyPlan plan = StudyPlan.read(planFile);
        return new Study(plan, Optional.of(PlanCopy.of(planFile, out)), out, listener, Clock.systemUTC());
    }

    Study(StudyPlan plan, Optional<PlanCopy> copy, Path out, StudyListener listener, Clock clock) {
        this.plan = plan;
        this.copy = copy;
        this.out = out.toAbsolutePath().normalize();
        this.listener = listener;
        this.clock = clock;
    }

    /// Requests the study to stop: a running training finishes its step and saves its state, and {@link #run}
    /// returns. May be called from any thread, at any time.
    public void requestStop() {
        stop.request();
    }

    /// Runs all unfinished work.
    ///
    /// @return the results, or the progress if the study was stopped
    /// @throws InputException if the plan is not feasible, the folder holds runs of another plan, or another study
    ///     is running in the folder
    /// @throws IOException if a file cannot be written; finished work is unaffected
    public StudyOutcome run() throws IOException {
        InputException.require(!Files.exists(out) || Files.isDirectory(out), out + ":", "a folder", "a file");
        StudyDataset data = new StudyDataset(plan.data(), out);
        // All recipes are validated before anything is written.
        new RunPlanner(plan, out, data.folder(), OptionalInt.empty()).requireMeasurable();
        try (DirectoryLock _ = DirectoryLock.acquire(out)) {
            TokenDataset dataset = data.open(listener);
            RunPlanner runs = new RunPlanner(plan, out, data.folder(), OptionalInt.of(dataset.vocabSize()));
            return new StudySession(this, data.name(), dataset, runs, clock).work();
        }
    }

    Optional<PlanCopy> copy() {
        return copy;
    }

    StudyListener listener() {
        return listener;
    }

    StopRequest stop() {
        return stop;
    }
}
