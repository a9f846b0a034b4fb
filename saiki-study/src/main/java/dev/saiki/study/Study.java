package dev.saiki.study;

import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.eval.HeldOutText;
import dev.saiki.eval.TextScore;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.DirectoryLock;
import dev.saiki.io.InputException;
import dev.saiki.study.StudyResults.GivenUp;
import dev.saiki.study.StudyResults.Progress;
import dev.saiki.study.StudyResults.Run;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.train.NonFiniteLossException;
import dev.saiki.train.Trainer;
import dev.saiki.train.TrainingOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Many trainings and evaluations by one plan, and what they say together.
///
/// The folder then holds the data if the study prepared them (`tokenizer.json`, `data/`), a run folder for
/// each training (`runs/<id>/`, each with its checkpoint `last/`), `study.json` and `study.md`. The last two
/// are written anew after every run.
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
    private final Map<String, Run> finished = new LinkedHashMap<>();
    private final Map<String, GivenUp> givenUp = new LinkedHashMap<>();
    private volatile boolean stopRequested;
    private volatile @Nullable Trainer training;

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
        stopRequested = true;
        Trainer current = training;
        if (current != null) {
            current.requestStop();
        }
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
        StudyData data = new StudyData(plan.data(), out);
        // Whatever is wrong with a recipe is said before anything is written.
        new StudyRuns(plan, out, data.folder(), OptionalInt.empty()).requireMeasurable();
        try (DirectoryLock _ = DirectoryLock.acquire(out)) {
            TokenDataset dataset = data.open(listener);
            StudyRuns runs = new StudyRuns(plan, out, data.folder(), OptionalInt.of(dataset.vocabSize()));
            return new Sitting(data.name(), dataset, runs).work();
        }
    }

    /// One process's share of the study.
    private final class Sitting {

        private final String corpus;
        private final TokenDataset dataset;
        private final StudyRuns runs;
        private final int context;
        private final StudyEvaluator evaluator;
        private final Path json = out.resolve(StudyResults.FILE_NAME);
        private final Map<String, Double> rates = new LinkedHashMap<>();
        private final List<StudyRun> sweep;
        private List<StudyRun> grid;
        private Optional<StudyResults.Data> rows = Optional.empty();
        private Optional<StudyResults.Floor> floor = Optional.empty();
        private List<StudyResults.Written> written = List.of();
        private String started;

        Sitting(String corpus, TokenDataset dataset, StudyRuns runs) throws IOException {
            this.corpus = corpus;
            this.dataset = dataset;
            this.runs = runs;
            this.sweep = runs.sweep();
            this.grid = runs.grid(Map.of());
            this.context = context(grid);
            this.evaluator = new StudyEvaluator(dataset, context, plan.evaluation());
            this.started = now();
            if (Files.exists(json)) {
                takeOver(StudyResults.read(json));
            }
        }

        StudyOutcome work() throws IOException {
            plan.families().stream()
                    .filter(family -> family.learningRates().size() == 1)
                    .forEach(family ->
                            rates.put(family.name(), family.learningRates().getFirst()));
            for (StudyRun run : sweep) {
                if (!isSettled(run) && !attempt(run)) {
                    return stopped(run);
                }
                new StudyTraining(run, runs.runFolder(run.id())).removeStates();
            }
            chooseRates();
            grid = runs.grid(rates);
            for (StudyRun run : grid) {
                if (!isSettled(run) && !attempt(run)) {
                    return stopped(run);
                }
                removeStatesOf(run);
            }
            if (finishedRuns().isEmpty()) {
                throw new InputException("optimizer.learning_rate: the loss of every training ceased to be a number;"
                        + " try lower ones");
            }
            if (!letWrite()) {
                return new StudyOutcome.Stopped("writing", finishedRuns().size(), sweep.size() + grid.size());
            }
            StudyResults results = write();
            return new StudyOutcome.Finished(results, json, out.resolve(StudySummary.FILE_NAME));
        }

        /// Lets one checkpoint of each family write, unless it has; false if it was stopped.
        private boolean letWrite() {
            if (plan.evaluation().writing().isEmpty()) {
                written = List.of();
                return true;
            }
            StudyWriter writer = new StudyWriter(
                    out,
                    HeldOutText.of(dataset.validation(), dataset.tokenizer()),
                    plan.evaluation().writing().get(),
                    () -> stopRequested);
            List<Run> writers = writers();
            if (written.stream()
                            .map(StudyResults.Written::run)
                            .toList()
                            .equals(writers.stream().map(Run::id).toList())
                    && written.stream()
                            .allMatch(one -> one.samples().stream()
                                    .map(StudyResults.Sample::prompt)
                                    .toList()
                                    .equals(writer.prompts()))) {
                return true;
            }
            List<Run> there = writers.stream()
                    .filter(run -> Files.isDirectory(out.resolve(run.checkpoint())))
                    .toList();
            if (there.isEmpty()) {
                return true;
            }
            listener.onMessage("letting one model of each family write, to be read and to be timed");
            Optional<List<StudyResults.Written>> fresh = writer.write(there);
            fresh.ifPresent(texts -> written = texts);
            return fresh.isPresent();
        }

        /// The best run of each family at the largest budget, of the first seed.
        private List<Run> writers() {
            return plan.families().stream()
                    .flatMap(family -> finished.values().stream()
                            .filter(run -> run.purpose() == StudyResults.Purpose.GRID
                                    && run.family().equals(family.name())
                                    && run.budget() == plan.budgets().getLast()
                                    && run.seed() == plan.seeds().getFirst())
                            .min(Comparator.comparingDouble(Run::tuningNll))
                            .stream())
                    .toList();
        }

        private StudyOutcome stopped(StudyRun run) {
            return new StudyOutcome.Stopped(run.id(), finishedRuns().size(), sweep.size() + grid.size());
        }

        /// Takes over the runs of an earlier sitting, if they were scored on the same rows.
        private void takeOver(StudyResults earlier) {
            started = earlier.setting().started();
            if (!earlier.data().dataHash().equals(dataset.dataHash())) {
                throw new InputException(json + ": was measured on other data (hash "
                        + earlier.data().dataHash() + ") than there are now (" + dataset.dataHash()
                        + "); give the changed plan a folder of its own");
            }
            boolean isElsewhere = !Files.isDirectory(runs.folder());
            earlier.progress().givenUp().stream()
                    .filter(run -> isElsewhere || Files.isDirectory(runs.runFolder(run.id())))
                    .forEach(run -> givenUp.put(run.id(), run));
            boolean sameRows = earlier.data().tuningTokens() == evaluator.tuningTokens()
                    && earlier.data().scoredTokens() == evaluator.scoredTokens();
            if (sameRows) {
                rows = Optional.of(earlier.data());
                floor = earlier.floor();
                written = earlier.written();
            } else {
                listener.onMessage("the plan scores other rows than before: finished checkpoints are measured again");
            }
            Map<String, StudyRun> planned = new HashMap<>();
            Stream.concat(sweep.stream(), grid.stream()).forEach(run -> planned.put(run.id(), run));
            for (Run run : earlier.runs()) {
                Optional.ofNullable(planned.get(run.id())).ifPresent(wanted -> takeOver(run, wanted, sameRows));
            }
        }

        /// Takes over a run with the measurements that the plan has; if some are missing, its checkpoint must be there,
        /// for training it again only to measure it would take more than anybody asked for.
        private void takeOver(Run run, StudyRun planned, boolean sameRows) {
            List<StudyEvaluation> wanted =
                    plan.evaluation().of(planned.recipe().model().config());
            List<StudyResults.Measurement> measured = wanted.stream()
                    .flatMap(evaluation -> run.measurement(evaluation.name()).stream()
                            .filter(measurement -> measurement.kind().equals(evaluation.kind())))
                    .toList();
            if (sameRows && measured.size() == wanted.size()) {
                finished.put(run.id(), run.measured(run.tuningNll(), measured));
            } else if (!Files.isDirectory(runs.runFolder(run.id()).resolve(StudyTraining.CHECKPOINT))) {
                throw new InputException(json + ": the plan now measures " + run.id() + " on other rows or by other"
                        + " evaluations than before, and its checkpoint is no longer there; bring back "
                        + run.checkpoint() + ", or give the changed plan a folder of its own");
            }
        }

        /// Whether nothing is left to do for a run, since it is measured or given up.
        private boolean isSettled(StudyRun run) {
            return givenUp.containsKey(run.id()) || isDone(run);
        }

        /// Whether a run is finished. Its checkpoint is not needed: results may come from another machine without any.
        ///
        /// @throws InputException if it was trained by another recipe
        private boolean isDone(StudyRun run) {
            Run result = finished.get(run.id());
            if (result == null) {
                return false;
            }
            new StudyTraining(run, runs.runFolder(run.id())).requireSame(result.recipe(), json);
            return !mustServeAgain(run);
        }

        /// Whether a run that came without its folder has to be trained once more, since a smaller budget begins with
        /// one of its states.
        private boolean mustServeAgain(StudyRun trunk) {
            boolean isNeeded = grid.stream()
                    .filter(run -> run.branch()
                            .filter(branch -> branch.from().equals(trunk.id()))
                            .isPresent())
                    .filter(run -> !finished.containsKey(run.id()))
                    .anyMatch(run -> !new StudyTraining(run, runs.runFolder(run.id())).canGoOn());
            if (!isNeeded || new StudyTraining(trunk, runs.runFolder(trunk.id())).isComplete()) {
                return false;
            }
            listener.onMessage(trunk.id() + ": is trained again, for a smaller budget begins with one of its states");
            return true;
        }

        /// Trains and measures, or gives the run up if its loss does not stay a number; false if it was stopped.
        private boolean attempt(StudyRun run) throws IOException {
            Optional<GivenUp> trunk = run.branch()
                    .flatMap(branch -> Optional.ofNullable(givenUp.get(branch.from()))
                            .filter(lost -> lost.step() <= branch.step()));
            if (trunk.isPresent()) {
                giveUp(run, trunk.get().step(), trunk.get().what());
                return true;
            }
            forget(run);
            try {
                return perform(run);
            } catch (NonFiniteLossException diverged) {
                listener.onMessage(run.id() + ": " + diverged.getMessage());
                giveUp(run, diverged.step(), diverged.what());
                return true;
            }
        }

        /// A run that is tried again may carry again what branches off it.
        private void forget(StudyRun run) {
            givenUp.remove(run.id());
            grid.stream().filter(other -> trunkOf(other).equals(run.id())).forEach(other -> givenUp.remove(other.id()));
        }

        private void giveUp(StudyRun run, long step, String what) throws IOException {
            givenUp.put(run.id(), new GivenUp(run.id(), run.purpose(), step, what));
            if (rows.isPresent()) {
                // Before the first measurement there is nothing to write; it is written with that.
                write();
            }
        }

        /// Trains and measures; false if it was stopped.
        private boolean perform(StudyRun run) throws IOException {
            StudyTraining studied = new StudyTraining(run, runs.runFolder(run.id()));
            if (!studied.isComplete()) {
                Trainer trainer = new Trainer(run.recipe(), studied.folder(), listener.onTraining(run.id()));
                training = trainer;
                if (stopRequested
                        || trainer.run(studied.isBegun(), StudyTraining.PLACES).reason()
                                == TrainingOutcome.Reason.STOPPED) {
                    return false;
                }
            }
            if (stopRequested) {
                return false;
            }
            StudyEvaluator.Measured measured = evaluator.measure(studied.checkpoint());
            if (rows.isEmpty()) {
                rows = Optional.of(describeData(measured.rows()));
            }
            if (floor.isEmpty()) {
                floor = Optional.of(evaluator.floor());
            }
            Run result = describe(run, measured);
            finished.put(run.id(), result);
            StudyResults results = write();
            listener.onRun(result, results.progress());
            return true;
        }

        private void chooseRates() {
            for (StudyPlan.Family family : plan.families()) {
                List<StudyRun> trials = sweep.stream()
                        .filter(run -> run.family().equals(family.name()))
                        .toList();
                Optional<Run> best = trials.stream()
                        .flatMap(run -> Stream.ofNullable(finished.get(run.id())))
                        .min(Comparator.comparingDouble(Run::tuningNll));
                if (best.isPresent()) {
                    rates.put(family.name(), best.get().learningRate());
                } else if (!trials.isEmpty()) {
                    throw new InputException("families." + family.name() + ".learning_rates: with each of "
                            + family.learningRates() + " the loss ceased to be a number; try lower ones");
                }
            }
        }

        /// Removes the states of a trunk and its branches once nothing is left to do for any of them.
        private void removeStatesOf(StudyRun run) throws IOException {
            List<StudyRun> group = grid.stream()
                    .filter(other -> trunkOf(other).equals(trunkOf(run)))
                    .toList();
            if (group.stream().allMatch(this::isKnown)) {
                for (StudyRun member : group) {
                    new StudyTraining(member, runs.runFolder(member.id())).removeStates();
                }
            }
        }

        private Run describe(StudyRun run, StudyEvaluator.Measured measured) throws IOException {
            Path folder = runs.runFolder(run.id());
            TrainingLog log = TrainingLog.read(
                    folder, run.firstStep(), run.recipe().batch().tokens());
            ModelConfig config = run.recipe().model().config();
            return new Run(
                    run.id(),
                    run.purpose(),
                    run.family(),
                    run.size(),
                    run.budget(),
                    run.seed(),
                    run.learningRate(),
                    out.relativize(folder.resolve(StudyTraining.CHECKPOINT)).toString(),
                    new StudyTraining(run, folder).recipe(),
                    StudyModels.describe(config, run.recipe().forwardFlopsPerToken()),
                    new StudyResults.Training(
                            log.steps(),
                            log.tokens(),
                            log.forwardFlops(),
                            run.branch().map(StudyRun.Branch::from),
                            log.loggedSteps(),
                            log.seconds(),
                            log.tokensPerSecond()),
                    measured.tuningNll(),
                    measured.measurements());
        }

        private StudyResults.Data describeData(List<TextScore.Window> windows) {
            return new StudyResults.Data(
                    corpus,
                    dataset.dataHash(),
                    dataset.vocabSize(),
                    dataset.train().documents(),
                    dataset.train().tokens(),
                    dataset.validation().documents(),
                    dataset.validation().tokens(),
                    context,
                    windows.stream().mapToLong(TextScore.Window::tokens).sum(),
                    windows.stream().mapToLong(TextScore.Window::bytes).sum(),
                    evaluator.tuningTokens(),
                    windows.stream().map(TextScore.Window::document).toList(),
                    windows.stream().map(TextScore.Window::tokens).toList());
        }

        /// Writes what there is so far.
        private StudyResults write() throws IOException {
            List<Run> done = finishedRuns();
            StudyResults bare = new StudyResults(
                    StudyResults.FORMAT_VERSION,
                    plan.name(),
                    new StudyResults.Setting(
                            Manifest.currentVersion(),
                            Runtime.getRuntime().availableProcessors(),
                            System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                            started,
                            now(),
                            plan.preset()),
                    rows.orElseThrow(),
                    plan.families().stream().map(this::describe).toList(),
                    plan.sizes().stream().map(StudyPlan.Size::name).toList(),
                    plan.budgets(),
                    plan.seeds(),
                    progress(done),
                    done,
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    floor,
                    written);
            StudyResults results = StudyAnalysis.of(bare, plan);
            results.write(json);
            AtomicFiles.writeString(out.resolve(StudySummary.FILE_NAME), StudySummary.of(results));
            return results;
        }

        /// The runs of this plan, trials first.
        private Stream<StudyRun> planned() {
            return Stream.concat(sweep.stream(), grid.stream());
        }

        private List<Run> finishedRuns() {
            return planned()
                    .flatMap(run -> Stream.ofNullable(finished.get(run.id())))
                    .toList();
        }

        private static String trunkOf(StudyRun run) {
            return run.branch().map(StudyRun.Branch::from).orElse(run.id());
        }

        private boolean isKnown(StudyRun run) {
            return finished.containsKey(run.id()) || givenUp.containsKey(run.id());
        }

        private Progress progress(List<Run> done) {
            List<StudyRun> left = planned().filter(run -> !isKnown(run)).toList();
            double seconds = done.stream()
                    .mapToDouble(run -> run.training().ownSeconds())
                    .sum();
            return new Progress(
                    sweep.size() + grid.size(),
                    done.size(),
                    planned()
                            .flatMap(run -> Stream.ofNullable(givenUp.get(run.id())))
                            .toList(),
                    seconds,
                    StudySpeeds.of(done).seconds(left));
        }

        private StudyResults.Family describe(StudyPlan.Family family) {
            return new StudyResults.Family(
                    family.name(),
                    family.recipe().spelling(),
                    family.learningRates(),
                    Optional.ofNullable(rates.get(family.name())));
        }
    }

    /// Tokens that all models see at once; unlike ones would be scored on unlike rows.
    private static int context(List<StudyRun> runs) {
        List<Integer> contexts = runs.stream()
                .map(run -> run.recipe().batch().sequenceLength())
                .distinct()
                .toList();
        if (contexts.size() > 1) {
            throw new InputException(
                    "batch.sequence_length must be the same in all families and sizes, got " + contexts);
        }
        return contexts.getFirst();
    }

    private String now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
