package dev.saiki.train;

import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Teacher;
import dev.saiki.model.TrainedParameters;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.text.dataset.LoaderPosition;
import dev.saiki.train.TrainStep.Attempt;
import dev.saiki.train.recipe.Recipe;
import dev.saiki.train.recipe.StabilitySection;
import dev.saiki.train.recipe.TeacherSection;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/// The training loop of one process: it takes steps, and after each step it validates, reports and saves,
/// whichever is due.
final class TrainingSession implements AutoCloseable {

    private final TrainingRun run;
    private final ModelWeights weights;
    private final Optional<Teacher> teacher;
    private final TrainStep trainStep;
    private final Stopwatch training;
    private final StepReporter reporter;
    private final HeldOutScores scores;
    private final StateSaver saver;
    private RunText text;
    private RunState state;

    private TrainingSession(
            TrainingRun run,
            ModelWeights weights,
            Optional<Teacher> teacher,
            TrainStep trainStep,
            Stopwatch training,
            StepReporter reporter)
            throws IOException {
        this.run = run;
        this.weights = weights;
        this.teacher = teacher;
        this.trainStep = trainStep;
        this.training = training;
        this.reporter = reporter;
        this.scores = new HeldOutScores(run, weights, training);
        this.saver = new StateSaver(run, weights, trainStep, training, reporter, scores);
        this.state = run.plan().first();
        this.text = new RunText(run.recipe(), run.inputs(), state.positions());
    }

    static TrainingSession open(TrainingRun run) throws IOException {
        Recipe recipe = run.recipe();
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            ModelWeights weights =
                    InitialWeights.of(recipe, run.inputs().config(), run.plan(), run.listener()::onWarning);
            opened.add(weights);
            share(weights, run.group());
            Optional<Teacher> teacher = run.inputs().teacher().map(model -> model.load(recipe));
            teacher.ifPresent(opened::add);
            TrainStep trainStep = TrainStep.builder(weights, TrainStepSettings.of(recipe, run.group()))
                    .trained(TrainedParameters.of(weights, recipe.trainedTensors()))
                    .teaching(teacher.map(model -> new TrainStep.Teaching(model, teachingDepth(recipe))))
                    .group(run.group())
                    .build();
            opened.add(trainStep);
            if (run.plan().continues()) {
                restoreOptimizer(trainStep, run.plan().source());
            }
            Stopwatch training = new Stopwatch();
            StepReporter reporter = StepReporter.open(run, training);
            opened.add(reporter);
            return new TrainingSession(run, weights, teacher, trainStep, training, reporter);
        } catch (IOException | RuntimeException | Error e) {
            closeAll(opened.reversed(), e);
            throw e;
        }
    }

    /// Sends the first process's weights to the others, once it has read them.
    private static void share(ModelWeights weights, ProcessGroup group) {
        group.awaitFirst();
        group.broadcast(weights.flat());
        weights.buffers().values().forEach(group::broadcast);
    }

    /// Restores the moments of all processes.
    ///
    /// @param saved the state, in the first process
    private static void restoreOptimizer(TrainStep trainStep, Optional<StateDirectory> saved) {
        saved.ifPresentOrElse(
                state -> state.withOptimizer(trainStep::restoreOptimizer), () -> trainStep.restoreOptimizer(List.of()));
    }

    private static int teachingDepth(Recipe recipe) {
        return recipe.teacher()
                .flatMap(TeacherSection::text)
                .map(TeacherSection.OwnText::depth)
                .orElse(0);
    }

    TrainingStart start() {
        ModelConfig config = weights.config();
        return new TrainingStart(
                config,
                Accounting.of(config).totalParameters(),
                state.step(),
                run.totalSteps(),
                run.recipe().batch().tokens(),
                run.recipe().forwardFlopsPerToken(),
                run.inputs().data().tokens(),
                run.folder().path());
    }

    boolean isComplete() {
        return isComplete(state);
    }

    private boolean isComplete(RunState at) {
        long patience = run.recipe().schedule().patience();
        boolean hasStoppedImproving = patience > 0 && at.best().since() >= patience;
        return at.step() >= run.totalSteps() || hasStoppedImproving;
    }

    /// Scores the initial weights of a new run that starts from a checkpoint, and logs the scores as step 0.
    void validateBase() throws IOException {
        scores.validateBase(state, reporter).ifPresent(validated -> state = validated.state());
    }

    /// Takes one step, or skips a spike, and then validates, reports and saves, whichever is due; after a rollback
    /// it does none of these.
    void step() throws IOException {
        Optional<StepResult> result = takeStep();
        if (result.isEmpty()) {
            return;
        }
        Optional<HeldOutScores.Validated> validated = scores.validateIfDue(state, this::isComplete);
        validated.ifPresent(done -> state = done.state());
        if (validated.isPresent() && !isComplete(state) && scores.hasPassedStage(state)) {
            promote();
        }
        reporter.report(state, result.get(), validated.map(HeldOutScores.Validated::report));
        saver.saveIfDue(state);
    }

    /// Turns to the next dataset of the curriculum.
    private void promote() {
        state = state.promoted();
        text = new RunText(run.recipe(), run.inputs(), state.positions());
        run.listener().onPromotion(state.step(), state.positions().stage());
    }

    /// Saves the last state of the session.
    void save() throws IOException {
        saver.saveIfUnsaved(state);
    }

    /// Takes one step; if it is a spike, skips it or rolls training back.
    ///
    /// @return the step's measurements; empty if training rolled back to an earlier state
    private Optional<StepResult> takeStep() throws IOException {
        StepContext context =
                new StepContext(state.step() + 1, run.plan().schedule().at(state.step()), state.seed(), state.depths());
        SpikeHistory history = state.spikes();
        if (state.depths().switchesAt(state.step())) {
            run.listener().onDepth(context.step(), context.maxDepth());
            history = history.withoutValues();
        }
        StabilitySection stability = run.recipe().stability();
        Attempt attempt = attempt(context, history);
        StepResult result = attempt.result();
        if (attempt.isTaken()) {
            SpikeHistory longer =
                    stability.isOn() ? history.taken(context.step(), result, stability.interval()) : history;
            state = state.advanced(result.tokens(), text.positions(), longer);
        } else if (refuse(context, result, history.refused(context.step()))) {
            return Optional.empty();
        }
        if (isComplete()) {
            training.pause();
            FinalThresholdFit.run(
                    run.recipe(),
                    weights,
                    run.inputs()
                            .data()
                            .stage(text.positions().stage())
                            .rows(run.recipe(), text.positions().own()));
            training.resume();
        }
        return Optional.of(result);
    }

    /// Computes a step, and applies it unless it is a spike.
    private Attempt attempt(StepContext context, SpikeHistory history) {
        StabilitySection stability = run.recipe().stability();
        LoaderPosition from = text.positions().own();
        StepRows batch = text.next();
        if (!stability.isOn()) {
            return trainStep.run(batch, context, Attempt::taken);
        }
        try {
            return trainStep.run(batch, context, measured -> {
                StepResult seen = run.environment().measurement().seen(from, measured);
                return new Attempt(seen, !history.isSpike(seen, stability));
            });
        } catch (NonFiniteLossException notFinite) {
            return new Attempt(StepResult.NOT_FINITE, false);
        }
    }

    /// Continues after a step that was not taken.
    ///
    /// @return whether training rolled back to an earlier state
    private boolean refuse(StepContext context, StepResult result, SpikeHistory history) throws IOException {
        StabilitySection stability = run.recipe().stability();
        if (history.inARow() > stability.tries()) {
            throw new SpikeLimitException(context.step(), result, stability);
        }
        OptionalLong earlier = stability.onSpike() == StabilitySection.OnSpike.ROLL_BACK
                ? saver.lastRegularState(state)
                : OptionalLong.empty();
        run.listener()
                .onWarning(String.format(
                        Locale.ROOT,
                        "step %d: loss %.4g and gradient norm %.4g are a spike; %s (spike %d of at most %d in a row)",
                        context.step(),
                        result.crossEntropyLoss(),
                        result.gradNorm(),
                        earlier.isPresent()
                                ? "training rolls back to step " + earlier.getAsLong()
                                        + " and continues with the text after the batch"
                                : "the batch is skipped",
                        history.inARow(),
                        stability.tries()));
        if (earlier.isPresent()) {
            rollBack(earlier.getAsLong(), history);
            return true;
        }
        state = state.advanced(0, text.positions(), history);
        return false;
    }

    private void rollBack(long step, SpikeHistory history) throws IOException {
        Optional<StateDirectory> earlier = run.group().isFirst()
                ? Optional.of(StateDirectory.open(run.folder().state(step)))
                : Optional.empty();
        earlier.ifPresent(saved -> saved.restore(weights));
        share(weights, run.group());
        restoreOptimizer(trainStep, earlier);
        state = RunState.shared(earlier.map(StateDirectory::state), run.group()).rolledBack(text.positions(), history);
        if (run.group().isFirst()) {
            run.folder().removeAfter(step);
        }
        reporter.rewind(state);
        saver.saveAnew(state);
    }

    TrainingOutcome outcome() {
        RunDirectory folder = run.folder();
        return new TrainingOutcome(
                isComplete() ? TrainingOutcome.Reason.COMPLETED : TrainingOutcome.Reason.STOPPED,
                state.step(),
                run.totalSteps(),
                state.tokensSeen(),
                scores.latest(),
                state.best().beforeTraining(),
                folder.last(),
                Files.isDirectory(folder.best()) ? Optional.of(folder.best()) : Optional.empty());
    }

    @Override
    public void close() throws IOException {
        try (weights;
                StepReporter _ = reporter) {
            trainStep.close();
            teacher.ifPresent(Teacher::close);
        }
    }

    private static void closeAll(List<AutoCloseable> resources, Throwable cause) {
        for (AutoCloseable resource : resources) {
            try {
                resource.close();
            } catch (Exception e) {
                cause.addSuppressed(e);
            }
        }
    }
}
