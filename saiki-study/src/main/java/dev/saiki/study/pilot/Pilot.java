package dev.saiki.study.pilot;

import dev.saiki.io.AtomicFiles;
import dev.saiki.io.DirectoryLock;
import dev.saiki.io.InputException;
import dev.saiki.study.StopRequest;
import dev.saiki.study.Study;
import dev.saiki.study.StudyListener;
import dev.saiki.study.StudyOutcome;
import dev.saiki.study.plan.PlanCopy;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.results.StudyResults;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.dataset.TokenDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// A {@link Study} that makes its own plan to find out, on a given text, whether Mixture-of-Recursions pays
/// off.
///
/// A pilot times some steps, chooses a size and a budget that fit the given time, writes them to `plan.yaml`, and
/// runs that plan. `saiki study` with the same plan repeats the study.
///
/// After an interruption, the same options in the same folder resume the pilot.
public final class Pilot {

    /// The file name of the plan in the pilot's folder.
    public static final String PLAN_FILE = PlanCopy.NAME;

    private final PilotOptions options;
    private final StudyListener listener;
    private final Path out;
    private final StopRequest stop = new StopRequest();

    /// Creates a pilot without any side effect.
    ///
    /// @param options the text, the time and the folder
    /// @param listener receives the progress
    public Pilot(PilotOptions options, StudyListener listener) {
        this.options = options;
        this.listener = listener;
        this.out = options.out().toAbsolutePath().normalize();
    }

    /// Requests the pilot to stop, as {@link Study#requestStop} does. May be called from any thread, at any time.
    public void requestStop() {
        stop.request();
    }

    /// Runs all unfinished work.
    ///
    /// @return the results, or the progress if the pilot was stopped
    /// @throws InputException if the corpus cannot be used, or the folder holds another pilot or study
    /// @throws IOException if a file cannot be written; finished work is unaffected
    public StudyOutcome run() throws IOException {
        requireOwnFolder();
        Path file = out.resolve(PLAN_FILE);
        if (!Files.exists(file)) {
            CorpusSize text = CorpusSize.of(options.isBuiltIn() ? Corpus.builtIn() : Corpus.of(options.corpus()));
            try (DirectoryLock _ = DirectoryLock.acquire(out)) {
                if (!writePlan(file, text)) {
                    return new StudyOutcome.Stopped("calibration", 0, 0);
                }
            }
        }
        StudyPlan plan = StudyPlan.read(file);
        requireSameOptions(plan);
        Study study = new Study(plan, out, listener);
        stop.forwardTo(study::requestStop);
        return study.run();
    }

    /// Creates the plan; false if stopped.
    private boolean writePlan(Path file, CorpusSize text) throws IOException {
        Optional<PilotPlan> plan = new PilotCalibration(options, text, listener, stop::isRequested).calibrate();
        if (plan.isEmpty() || stop.isRequested()) {
            return false;
        }
        AtomicFiles.writeString(file, plan.get().toYaml());
        return true;
    }

    /// Rejects a folder that holds foreign files under the names that a pilot uses.
    private void requireOwnFolder() {
        Path existing = out;
        while (!Files.exists(existing)) {
            existing = Objects.requireNonNull(existing.getParent());
        }
        if (!Files.isDirectory(existing) || !Files.isWritable(existing)) {
            throw new InputException(out + ": cannot be written, since " + existing + " is "
                    + (Files.isDirectory(existing) ? "read-only" : "a file") + "; choose another --out folder");
        }
        if (!Files.exists(out.resolve(PLAN_FILE))) {
            for (String name : List.of(TokenDataset.TOKENIZER_FILE, "data", "runs", StudyResults.NAME)) {
                if (Files.exists(out.resolve(name))) {
                    throw new InputException(out + ": holds " + name + ", but no " + PLAN_FILE
                            + " to resume from; choose another --out folder");
                }
            }
        }
    }

    private void requireSameOptions(StudyPlan plan) {
        StudyPlan.Preset preset = plan.preset()
                .orElseThrow(() -> new InputException(out.resolve(PLAN_FILE)
                        + ": was not written by a pilot; run it with `saiki study --plan`, or choose another --out"
                        + " folder"));
        List<Path> corpus = plan.data() instanceof StudyPlan.TextSource.OfCorpus from ? from.paths() : List.of();
        requireSame("corpus", named(corpus), named(options.absoluteCorpus()));
        requireSame("minutes", preset.minutes(), options.minutes());
        requireSame("seed", plan.seeds().getFirst(), options.seed());
        requireSame("seeds", plan.seeds().size(), options.numSeeds());
        requireSame("size", preset.size().orElse("automatic"), options.size().orElse("automatic"));
    }

    private void requireSame(String option, Object planned, Object got) {
        if (!planned.equals(got)) {
            throw new InputException(options.out() + ": holds a pilot with " + option + " " + planned + ", got " + got
                    + "; use the same options to resume it, or choose another --out folder");
        }
    }

    private static String named(List<Path> corpus) {
        return corpus.isEmpty()
                ? "built_in"
                : String.join(", ", corpus.stream().map(Path::toString).toList());
    }
}
