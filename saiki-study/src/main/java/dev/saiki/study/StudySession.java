package dev.saiki.study;

import dev.saiki.eval.TextScore;
import dev.saiki.io.InputException;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.results.DatasetSummary;
import dev.saiki.study.results.DivergedRun;
import dev.saiki.study.results.GeneratedSamples;
import dev.saiki.study.results.ModelSummary;
import dev.saiki.study.results.RunPurpose;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.results.TextSample;
import dev.saiki.study.results.TrainingSummary;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.train.NonFiniteLossException;
import dev.saiki.train.SpikeLimitException;
import dev.saiki.train.Trainer;
import dev.saiki.train.TrainingOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// A session of one process on a study, which resumes where the last session stopped.
final class StudySession {

    private final StudyPlan plan;
    private final Path out;
    private final StudyListener listener;
    private final StopRequest stop;
    private final String corpus;
    private final TokenDataset dataset;
    private final RunPlanner runs;
    private final int context;
    private final StudyEvaluator evaluator;
    private final StudyLog log;
    private final Map<String, Double> rates = new LinkedHashMap<>();
    private final List<PlannedRun> sweep;
    private List<PlannedRun> grid;

    /// Opens a session, which reuses the results of earlier sessions.
    ///
    /// @param study the study and its folder
    /// @param corpus description of the text, for people
    /// @param dataset the text
    /// @param runs the runs of the plan
    /// @throws InputException if earlier results do not match the plan
    StudySession(Study study, String corpus, TokenDataset dataset, RunPlanner runs, Clock clock) throws IOException {
        this.plan = runs.plan();
        this.out = runs.out();
        this.listener = study.listener();
        this.stop = study.stop();
        this.corpus = corpus;
        this.dataset = dataset;
        this.runs = runs;
        this.sweep = runs.sweep();
        this.grid = runs.grid(Map.of());
        this.context = context(grid);
        this.evaluator = new StudyEvaluator(dataset, context, plan.evaluation());
        this.log = new StudyLog(plan, study.copy(), out, clock);
        if (Files.exists(log.json())) {
            StudyResults earlier = StudyResults.FILE.read(log.json());
            new StudyResumption(plan, runs, evaluator, dataset.dataHash(), listener).restore(earlier, planned(), log);
        }
    }

    /// The context length, which must be the same for all models, because models with different context lengths
    /// would be scored on different rows.
    private static int context(List<PlannedRun> runs) {
        List<Integer> contexts = runs.stream()
                .map(run -> run.recipe().batch().sequenceLength())
                .distinct()
                .toList();
        InputException.require(
                contexts.size() <= 1, "batch.sequence_length", "the same in all families and sizes", contexts);
        return contexts.getFirst();
    }

    /// Runs all unfinished work.
    StudyOutcome work() throws IOException {
        plan.families().stream()
                .filter(family -> family.learningRates().size() == 1)
                .forEach(family ->
                        rates.put(family.name(), family.learningRates().getFirst()));
        for (PlannedRun run : sweep) {
            if (!isSettled(run) && !attempt(run)) {
                return stopped(run.id());
            }
            training(run).removeStates();
        }
        chooseRates();
        grid = runs.grid(rates);
        for (PlannedRun run : grid) {
            if (!isSettled(run) && !attempt(run)) {
                return stopped(run.id());
            }
            removeStatesOf(run);
        }
        if (log.finishedOf(grid).isEmpty()) {
            throw new InputException(
                    "optimizer.learning_rate: the loss of every training became infinite or NaN; try lower rates");
        }
        if (!generateSamples()) {
            return stopped("writing");
        }
        StudyResults results = log.write(planned(), rates);
        return new StudyOutcome.Finished(results, log.json());
    }

    private StudyOutcome stopped(String during) {
        return new StudyOutcome.Stopped(
                during, log.finishedOf(planned()).size(), planned().size());
    }

    /// The runs of this plan, trials first.
    private List<PlannedRun> planned() {
        return Stream.concat(sweep.stream(), grid.stream()).toList();
    }

    private StudyRunDirectory training(PlannedRun run) {
        return new StudyRunDirectory(run, runs.runFolder(run.id()));
    }

    /// Whether a run needs no more work, since it is evaluated or given up. An evaluated run does not need its
    /// checkpoint: results may come from another machine without the checkpoints.
    ///
    /// @throws InputException if the run was trained with another recipe
    private boolean isSettled(PlannedRun run) {
        if (log.diverged(run.id()).isPresent()) {
            return true;
        }
        Optional<RunResult> result = log.finished(run.id());
        if (result.isEmpty()) {
            return false;
        }
        training(run).requireSame(result.get().recipe(), log.json());
        return !mustTrainAgain(run);
    }

    /// Whether a run without its folder must be trained again, because a smaller budget starts from one of its
    /// states.
    private boolean mustTrainAgain(PlannedRun trunk) {
        boolean isNeeded = grid.stream()
                .filter(run -> run.branch()
                        .filter(branch -> branch.from().equals(trunk.id()))
                        .isPresent())
                .filter(run -> log.finished(run.id()).isEmpty())
                .anyMatch(run -> !training(run).canResume());
        if (!isNeeded || training(trunk).isComplete()) {
            return false;
        }
        listener.onMessage(
                trunk.id() + ": training again, since a run with a smaller budget starts from a state of this one");
        return true;
    }

    /// Trains and evaluates the run, or gives it up if its loss diverges; false if stopped.
    private boolean attempt(PlannedRun run) throws IOException {
        Optional<DivergedRun> trunk = run.branch()
                .flatMap(branch -> log.diverged(branch.from()).filter(lost -> lost.step() <= branch.step()));
        if (trunk.isPresent()) {
            giveUp(run, trunk.get().step(), trunk.get().what());
            return true;
        }
        retry(run);
        try {
            return perform(run);
        } catch (NonFiniteLossException diverged) {
            listener.onMessage(run.id() + ": " + diverged.getMessage());
            giveUp(run, diverged.step(), diverged.what());
            return true;
        } catch (SpikeLimitException unstable) {
            listener.onMessage(run.id() + ": " + unstable.getMessage());
            giveUp(run, unstable.step(), unstable.what());
            return true;
        }
    }

    /// Marks a run as not given up, together with the runs that branch off from it.
    private void retry(PlannedRun run) {
        log.retry(run.id());
        grid.stream().filter(other -> other.trunk().equals(run.id())).forEach(other -> log.retry(other.id()));
    }

    private void giveUp(PlannedRun run, long step, String what) throws IOException {
        log.giveUp(new DivergedRun(run.id(), run.purpose(), step, what));
        if (log.data().isPresent()) {
            log.write(planned(), rates);
        }
    }

    /// Trains and evaluates the run; false if stopped.
    private boolean perform(PlannedRun run) throws IOException {
        StudyRunDirectory studied = training(run);
        if (!studied.isComplete()) {
            Trainer trainer = new Trainer(run.recipe(), studied.folder(), listener.onTraining(run.id()));
            stop.forwardTo(trainer::requestStop);
            if (stop.isRequested()
                    || trainer.run(studied.isStarted(), StudyRunDirectory.PLACES)
                                    .reason()
                            == TrainingOutcome.Reason.STOPPED) {
                return false;
            }
        }
        if (stop.isRequested()) {
            return false;
        }
        listener.onMeasuring(run.id());
        StudyEvaluator.CheckpointMeasurements measured =
                evaluator.measure(studied.model(), run.evaluations(plan.evaluation()), run.gains(plan.evaluation()));
        log.setData(
                log.data().orElseGet(() -> describeData(measured.rows())),
                log.floor().or(() -> Optional.of(evaluator.floor())));
        RunResult result = describe(run, measured);
        log.finish(result);
        StudyResults results = log.write(planned(), rates);
        listener.onRun(result, results.progress());
        return true;
    }

    private void chooseRates() {
        for (StudyPlan.Family family : plan.families()) {
            List<PlannedRun> trials = sweep.stream()
                    .filter(run -> run.family().equals(family.name()))
                    .toList();
            Optional<RunResult> best =
                    log.finishedOf(trials).stream().min(Comparator.comparingDouble(RunResult::tuningNll));
            if (best.isPresent()) {
                rates.put(family.name(), best.get().learningRate());
            } else if (!trials.isEmpty()) {
                throw new InputException(
                        "families." + family.name() + ".learning_rates: the loss became infinite or NaN at each of "
                                + family.learningRates() + "; try lower rates");
            }
        }
    }

    /// Removes the states of a trunk and its branches once each of them is finished or given up.
    private void removeStatesOf(PlannedRun run) throws IOException {
        List<PlannedRun> group =
                grid.stream().filter(other -> other.trunk().equals(run.trunk())).toList();
        if (group.stream().allMatch(member -> log.isSettled(member.id()))) {
            for (PlannedRun member : group) {
                training(member).removeStates();
            }
        }
    }

    /// Generates samples from one checkpoint of each family, if they are missing; false if stopped.
    private boolean generateSamples() {
        if (plan.evaluation().writing().isEmpty()) {
            log.keep(List.of());
            return true;
        }
        SampleGenerator writer =
                new SampleGenerator(out, dataset, plan.evaluation().writing().get(), stop::isRequested);
        List<RunResult> writers = writers();
        if (areUpToDate(writers, writer.prompts())) {
            return true;
        }
        List<RunResult> there = writers.stream()
                .filter(run -> Files.isDirectory(out.resolve(run.checkpoint())))
                .toList();
        if (there.isEmpty()) {
            return true;
        }
        listener.onMessage("generating samples and measuring decoding speed, one model per family");
        Optional<List<GeneratedSamples>> fresh = writer.write(there);
        fresh.ifPresent(log::keep);
        return fresh.isPresent();
    }

    /// Whether an earlier session sampled the same checkpoints with the same prompts.
    private boolean areUpToDate(List<RunResult> writers, List<String> prompts) {
        List<String> ids = writers.stream().map(RunResult::id).toList();
        return log.samples().stream().map(GeneratedSamples::run).toList().equals(ids)
                && log.samples().stream()
                        .allMatch(one -> one.samples().stream()
                                .map(TextSample::prompt)
                                .toList()
                                .equals(prompts));
    }

    /// Each family's run at its best size, the largest budget and the first seed.
    private List<RunResult> writers() {
        return plan.families().stream()
                .flatMap(family -> log.finished().stream()
                        .filter(run -> run.purpose() == RunPurpose.GRID
                                && run.family().equals(family.name())
                                && run.budget() == plan.budgets().largest()
                                && run.seed() == plan.seeds().getFirst())
                        .min(Comparator.comparingDouble(RunResult::tuningNll))
                        .stream())
                .toList();
    }

    private RunResult describe(PlannedRun run, StudyEvaluator.CheckpointMeasurements measured) throws IOException {
        StudyRunDirectory studied = training(run);
        TrainingLog trained = TrainingLog.read(
                studied.folder(), run.firstStep(), run.recipe().batch().tokens());
        return new RunResult(
                run.id(),
                run.purpose(),
                run.family(),
                run.size(),
                run.budget(),
                run.seed(),
                run.learningRate(),
                out.relativize(studied.checkpoint()).toString(),
                studied.recipe(),
                ModelSummary.of(run.recipe().model().config(), run.recipe().forwardFlopsPerToken()),
                new TrainingSummary(
                        trained.steps(),
                        trained.tokens(),
                        trained.forwardFlops(),
                        run.branch().map(PlannedRun.Branch::from),
                        trained.loggedSteps(),
                        trained.seconds(),
                        trained.tokensPerSecond()),
                measured.tuningNll(),
                measured.measurements(),
                measured.gains());
    }

    private DatasetSummary describeData(List<TextScore.Window> windows) {
        return new DatasetSummary(
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
}
