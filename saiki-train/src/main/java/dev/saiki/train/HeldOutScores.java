package dev.saiki.train;

import dev.saiki.model.ModelWeights;
import dev.saiki.train.parallel.RowScorer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// The held-out scores of a run, and the checkpoints whose manifests contain them.
final class HeldOutScores {

    /// A validation's report, and the run's state after the validation.
    ///
    /// @param state the state, which now records the best validation so far
    record Validated(RunState state, ValidationReport report) {}

    private final TrainingRun run;
    private final ModelWeights weights;
    private final Stopwatch training;
    private final RowScorer scorer;
    private final RunCheckpoint checkpoint;
    private Optional<ValidationReport> latest = Optional.empty();
    private List<Double> lossesAtDepths = List.of();

    HeldOutScores(TrainingRun run, ModelWeights weights, Stopwatch training) {
        this.run = run;
        this.weights = weights;
        this.training = training;
        this.scorer = new RowScorer(
                run.group(),
                TrainStepSettings.of(run.recipe(), run.group()).parallelism().workers());
        this.checkpoint = new RunCheckpoint(run.recipe(), run.inputs(), run.folder());
    }

    /// The last validation of this session.
    Optional<ValidationReport> latest() {
        return latest;
    }

    /// Scores the initial weights of a new run that starts from a checkpoint, to show whether training lowers
    /// the loss.
    Optional<Validated> validateBase(RunState state, StepReporter reporter) throws IOException {
        if (run.plan().base().isEmpty()
                || run.plan().continues()
                || run.recipe().metrics().validateEvery() == 0) {
            return Optional.empty();
        }
        training.pause();
        ValidationReport report = score(state, Double.NEGATIVE_INFINITY);
        reporter.logBase(report);
        training.resume();
        run.listener().onValidation(report);
        return Optional.of(
                new Validated(isWhole(state) ? state.withBest(BestValidation.startingAt(report)) : state, report));
    }

    /// Scores held-out text if a validation is due or this step is the last one. If the weights are the best so
    /// far, writes them as the checkpoint `best`.
    Optional<Validated> validateIfDue(RunState state, Predicate<RunState> isComplete) throws IOException {
        long every = run.recipe().metrics().validateEvery();
        if (!isComplete.test(state) && (every == 0 || state.step() % every != 0)) {
            return Optional.empty();
        }
        training.pause();
        ValidationReport report =
                score(state, isWhole(state) ? state.best().lossOrInfinity() : Double.NEGATIVE_INFINITY);
        latest = Optional.of(report);
        RunState after = isWhole(state) ? state.withBest(state.best().after(report)) : state;
        if (isComplete.test(after)) { // The validation may have ended the run.
            lossesAtDepths = run.inputs().heldOut().lossesAtDepths(scorer, weights);
        }
        if (report.isBest()) {
            if (run.group().isFirst()) {
                TrainingRun.write(
                        run.folder().best(),
                        state.step(),
                        () -> write(run.folder().best(), after));
            }
            run.group().awaitFirst();
        }
        training.resume();
        run.listener().onValidation(report);
        RoutingWarnings.of(weights, report, run.recipe(), state.depth()).forEach(run.listener()::onWarning);
        return Optional.of(new Validated(after, report));
    }

    /// Returns whether the curriculum has a next dataset, and the present one is learnt.
    boolean hasPassedStage(RunState state) {
        if (!(run.inputs().data() instanceof TrainingData.Curriculum curriculum)) {
            return false;
        }
        training.pause();
        boolean isPassed = curriculum.isPassed(
                state.positions().stage(), rows -> rows.shareOfLikelyAnswers(scorer, weights, state.depth()));
        training.resume();
        return isPassed;
    }

    private ValidationReport score(RunState state, double bestSoFar) {
        return run.inputs().heldOut().score(scorer, weights, state.depth(), state.step(), bestSoFar);
    }

    /// Whether the recursion has reached the model's full depth; until then no checkpoint can be the best.
    private boolean isWhole(RunState state) {
        return state.depth() >= weights.config().numRecursions();
    }

    /// Writes a checkpoint of the current weights with the latest scores.
    void write(Path directory, RunState state) throws IOException {
        checkpoint.write(directory, weights, state, latest, lossesAtDepths);
    }
}
