package dev.saiki.study;

import dev.saiki.io.DirectoryLock;
import dev.saiki.io.InputException;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.text.dataset.TokenDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.OptionalInt;

/// A set of trainings and evaluations that follow one plan, with their comparison.
///
/// The folder then holds the data if the study prepared them (`tokenizer.json`, `data/`), a run folder for
/// each training (`runs/<id>/`, each with its checkpoint `last/`), and `study.json`, which is
/// rewritten after every run.
///
/// Runs go one after the other in this process. A trainer already uses every core, by micro-batches side by
/// side, so a second one beside it would win nothing and make measured speeds worthless; and a new process
/// for each of a hundred short trainings would spend seconds of each on starting up and compiling. It is the
/// trainer, not the process, that makes a run exact: its state is all that the rest of a run depends on.
///
/// It can be ended at any moment: the same plan in the same folder goes on where it ended. What is in
/// `study.json` is not done again, an interrupted training goes on exactly, and a checkpoint whose measuring
/// was interrupted is measured again. A plan may grow: more seeds, sizes, families and evaluations join what
/// is there. A run whose recipe the plan changed is refused.
///
/// A training whose loss ceases to be a number would do so again, and is given up: `study.json` names it, and
/// nothing else waits for it. With its folder alone removed it is tried once more.
///
/// `study.json` alone is enough to go on elsewhere: a run that is in it needs its folder only to be measured by
/// evaluations that are new, or for a smaller budget that is still to branch off from it.
public final class Study {

    private final StudyPlan plan;
    private final Path out;
    private final StudyListener listener;
    private final Clock clock;
    private final StopRequest stop = new StopRequest();

    /// Makes a study; nothing happens yet.
    ///
    /// @param plan what to do
    /// @param out the folder of everything it makes
    /// @param listener follows it
    public Study(StudyPlan plan, Path out, StudyListener listener) {
        this(plan, out, listener, Clock.systemUTC());
    }

    Study(StudyPlan plan, Path out, StudyListener listener, Clock clock) {
        this.plan = plan;
        this.out = out.toAbsolutePath().normalize();
        this.listener = listener;
        this.clock = clock;
    }

    /// Asks the study to end: a training finishes its step and saves its state, and {@link #run} returns. May
    /// be called from any thread, at any time.
    public void requestStop() {
        stop.make();
    }

    /// Does all that is not done yet.
    ///
    /// @return the results, or where it was stopped
    /// @throws InputException if the plan cannot be carried out, the folder holds runs of another plan,
    ///     or another study is at work in it
    /// @throws IOException if something cannot be written; what was finished before is unharmed
    public StudyOutcome run() throws IOException {
        if (Files.exists(out) && !Files.isDirectory(out)) {
            throw new InputException(out + ": must be a folder, got a file");
        }
        StudyDataset data = new StudyDataset(plan.data(), out);
        // Whatever is wrong with a recipe is said before anything is written.
        new RunPlanner(plan, out, data.folder(), OptionalInt.empty()).requireMeasurable();
        try (DirectoryLock _ = DirectoryLock.acquire(out)) {
            TokenDataset dataset = data.open(listener);
            RunPlanner runs = new RunPlanner(plan, out, data.folder(), OptionalInt.of(dataset.vocabSize()));
            return new StudySession(this, data.name(), dataset, runs, clock).work();
        }
    }

    StudyPlan plan() {
        return plan;
    }

    Path out() {
        return out;
    }

    StudyListener listener() {
        return listener;
    }

    StopRequest stop() {
        return stop;
    }
}
