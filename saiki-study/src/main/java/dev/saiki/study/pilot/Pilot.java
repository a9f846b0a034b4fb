package dev.saiki.study.pilot;

import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.study.Study;
import dev.saiki.study.StudyListener;
import dev.saiki.study.StudyOutcome;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.results.StudyResultsFile;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.dataset.TokenDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A study that plans itself: does Mixture-of-Recursions pay on this text?
///
/// A pilot is a {@link Study} whose plan it makes itself: it times some steps, chooses a size and a budget that
/// fit the time it has, writes them down as `plan.yaml`, and carries that out. Everything else is as with any
/// study, down to the files; `saiki study` with that plan does the same once more.
///
/// It can be ended at any moment: the same options in the same folder go on where it ended, by the plan that is there.
public final class Pilot {

    /// The name of the plan in the pilot's folder.
    public static final String PLAN_FILE = "plan.yaml";

    /// Files of pilots before 0.1.0.
    private static final List<String> OLD_FILES = List.of("pilot.json", "pilot.state.json");

    private final PilotOptions options;
    private final StudyListener listener;
    private final Path out;
    private volatile boolean stopRequested;
    private volatile @Nullable Study study;

    /// Makes a pilot; nothing happens yet.
    ///
    /// @param options on what, how long, where
    /// @param listener follows it
    public Pilot(PilotOptions options, StudyListener listener) {
        this.options = options;
        this.listener = listener;
        this.out = options.out().toAbsolutePath().normalize();
    }

    /// Asks the pilot to end, as {@link Study#requestStop} does. May be called from any thread, at any time.
    public void requestStop() {
        stopRequested = true;
        Study current = study;
        if (current != null) {
            current.requestStop();
        }
    }

    /// Does all that is not done yet.
    ///
    /// @return the results, or where it was stopped
    /// @throws InputException if the corpus cannot be used, or the folder holds something else
    /// @throws IOException if something cannot be written; what was finished before is unharmed
    public StudyOutcome run() throws IOException {
        requireOwnFolder();
        Path file = out.resolve(PLAN_FILE);
        if (!Files.exists(file) && !writePlan(file)) {
            return new StudyOutcome.Stopped("calibration", 0, 0);
        }
        StudyPlan plan = StudyPlan.read(file);
        requireSameOptions(plan);
        Study carriedOut = new Study(plan, out, listener);
        study = carriedOut;
        if (stopRequested) {
            carriedOut.requestStop();
        }
        return carriedOut.run();
    }

    /// Makes the plan; false if it was stopped.
    private boolean writePlan(Path file) throws IOException {
        Corpus corpus = options.isBuiltIn() ? Corpus.builtIn() : Corpus.of(options.corpus());
        CorpusSize text = CorpusSize.of(corpus);
        Optional<PilotPlan> plan = new PilotCalibration(options, text, listener, () -> stopRequested).calibrate();
        if (plan.isEmpty() || stopRequested) {
            return false;
        }
        Files.createDirectories(out);
        AtomicFiles.writeString(file, plan.get().toYaml());
        return true;
    }

    /// Refuses a folder in which something else lies under the names that a pilot uses.
    private void requireOwnFolder() {
        if (Files.exists(out) && !Files.isDirectory(out)) {
            throw new InputException(out + ": must be a folder, got a file");
        }
        for (String name : OLD_FILES) {
            if (Files.exists(out.resolve(name))) {
                throw new InputException(out + ": holds " + name + " of a pilot of an earlier version, which"
                        + " `saiki report` can show; give the new one a folder of its own");
            }
        }
        if (!Files.exists(out.resolve(PLAN_FILE))) {
            for (String name : List.of(TokenDataset.TOKENIZER_FILE, "data", "runs", StudyResultsFile.NAME)) {
                if (Files.exists(out.resolve(name))) {
                    throw new InputException(out + ": holds " + name + ", but no " + PLAN_FILE
                            + " by which a pilot could go on; give the pilot a folder of its own");
                }
            }
        }
    }

    private void requireSameOptions(StudyPlan plan) {
        StudyPlan.Preset preset = plan.preset()
                .orElseThrow(() -> new InputException(out.resolve(PLAN_FILE)
                        + ": is no pilot's plan; `saiki study --plan` carries it out, or give the pilot a folder of"
                        + " its own"));
        String difference = "";
        List<Path> corpus = plan.data() instanceof StudyPlan.TextSource.OfCorpus from ? from.paths() : List.of();
        if (!corpus.equals(options.absoluteCorpus())) {
            difference = "the corpus " + named(corpus) + ", got " + named(options.absoluteCorpus());
        } else if (preset.minutes() != options.minutes()) {
            difference = "minutes " + preset.minutes() + ", got " + options.minutes();
        } else if (plan.seeds().getFirst() != options.seed()) {
            difference = "seed " + plan.seeds().getFirst() + ", got " + options.seed();
        } else if (plan.seeds().size() != options.numSeeds()) {
            difference = "seeds " + plan.seeds().size() + ", got " + options.numSeeds();
        } else if (!preset.size().equals(options.size())) {
            difference = "size " + preset.size().orElse("chosen by the time") + ", got "
                    + options.size().orElse("none");
        }
        if (!difference.isEmpty()) {
            throw new InputException(options.out() + ": holds a pilot with " + difference
                    + "; go on with the options it has, or give the new one a folder of its own");
        }
    }

    private static String named(List<Path> corpus) {
        return corpus.isEmpty()
                ? "that is built in"
                : String.join(", ", corpus.stream().map(Path::toString).toList());
    }
}
