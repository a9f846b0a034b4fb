package dev.saiki.train;

import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Teacher;
import dev.saiki.model.TrainedParameters;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.text.dataset.LoaderPosition;
import dev.saiki.train.parallel.RowScorer;
import dev.saiki.train.recipe.Recipe;
import dev.saiki.train.recipe.StabilitySection;
import dev.saiki.train.recipe.TeacherSection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/// One process's share of a run, and what each moment of it consists of: a step, a validation, a line, a save.
final class TrainingSession implements AutoCloseable {

    private final Recipe recipe;
    private final RunInputs inputs;
    private final RunDirectory folder;
    private final TrainingListener listener;
    private final TrainingPlan plan;
    private final ModelWeights weights;
    private final TrainStep trainStep;
    private final Optional<Teacher> teacher;
    private final RunText text;
    private final Trainer.Surroundings surroundings;
    private final ProcessGroup group;
    private final RowScorer scorer;
    private final RunCheckpoint checkpoint;
    private final Stopwatch training = new Stopwatch();
    private final long startNanos = System.nanoTime();

    private RunLog journal;
    private RunState state;
    private Optional<ValidationReport> validation = Optional.empty();
    private List<Double> lossesAtDepths = List.of();
    private long savedStep;
    private long savedNanos = startNanos;
    private long loggedTokens;
    private double loggedSeconds;
    private double tokensPerSecond = Double.NaN;

    private TrainingSession(
            Recipe recipe,
            RunInputs inputs,
            RunDirectory folder,
            TrainingListener listener,
            TrainingPlan plan,
            ModelWeights weights,
            Optional<Teacher> teacher,
            TrainStep trainStep,
            RunLog journal,
            Trainer.Surroundings surroundings)
            throws IOException {
        this.recipe = recipe;
        this.inputs = inputs;
        this.folder = folder;
        this.listener = listener;
        this.plan = plan;
        this.weights = weights;
        this.teacher = teacher;
        this.trainStep = trainStep;
        this.journal = journal;
        this.surroundings = surroundings;
        this.group = surroundings.group();
        this.scorer = new RowScorer(
                group, TrainStepSettings.of(recipe, group).parallelism().workers());
        this.checkpoint = RunCheckpoint.of(recipe, inputs, folder);
        this.state = plan.first();
        this.savedStep =
                plan.source().isPresent() && state.cooldownStart().orElse(-1) != state.step() ? state.step() : -1;
        this.loggedTokens = state.tokensSeen();
        this.text = new RunText(recipe, inputs, state.positions());
    }

    static TrainingSession open(
            Recipe recipe,
            RunInputs inputs,
            RunDirectory folder,
            TrainingPlan plan,
            TrainingListener listener,
            Trainer.Surroundings surroundings)
            throws IOException {
        ProcessGroup group = surroundings.group();
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            ModelWeights weights = InitialWeights.of(recipe, inputs.config(), plan, listener::onWarning);
            opened.add(weights);
            Optional<Teacher> teacher = inputs.teacher().map(model -> model.load(recipe));
            teacher.ifPresent(opened::add);
            TrainStep trainStep = new TrainStep(
                    weights,
                    TrainStepSettings.of(recipe, group),
                    TrainedParameters.of(weights, recipe.trainedTensors()),
                    teacher.map(model -> new TrainStep.Lessons(model, depthOfLessons(recipe))),
                    group);
            opened.add(trainStep);
            plan.source().ifPresent(source -> source.withOptimizer(trainStep::restoreOptimizer));
            // A run that begins has no line yet, not even that of its base.
            RunLog journal =
                    RunLog.open(folder, plan.source().isPresent() ? plan.first().step() : -1, recipe, surroundings);
            opened.add(journal);
            return new TrainingSession(
                    recipe, inputs, folder, listener, plan, weights, teacher, trainStep, journal, surroundings);
        } catch (IOException | RuntimeException | Error e) {
            closeAll(opened.reversed(), e);
            throw e;
        }
    }

    private static int depthOfLessons(Recipe recipe) {
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
                totalSteps(),
                recipe.batch().tokens(),
                recipe.forwardFlopsPerToken(),
                inputs.data().tokens(),
                folder.path());
    }

    boolean isComplete() {
        return state.step() >= totalSteps() || hasStoppedImproving();
    }

    private boolean hasStoppedImproving() {
        long patience = recipe.schedule().patience();
        return patience > 0 && state.best().since() >= patience;
    }

    /// Takes one step, or none if it stands out.
    ///
    /// @return what was measured; empty if training went back to an earlier state
    Optional<StepResult> step() throws IOException {
        StepContext context =
                new StepContext(state.step() + 1, plan.schedule().at(state.step()), state.seed(), state.depths());
        SpikeHistory history = state.spikes();
        if (state.depths().switchesAt(state.step())) {
            listener.onDepth(context.step(), context.maxDepth());
            history = history.withoutValues();
        }
        StabilitySection stability = recipe.stability();
        StepResult result = compute(context, history);
        if (!stability.isOn()) {
            state = state.advanced(result.tokens(), text.positions(), history);
        } else if (!history.isSpike(result, stability)) {
            SpikeHistory longer = history.taken(context.step(), result, stability.interval());
            state = state.advanced(result.tokens(), text.positions(), longer);
        } else if (refuse(context, result, history.refused(context.step()))) {
            return Optional.empty();
        }
        if (isComplete()) {
            training.halt();
            FinalThresholdFit.run(
                    recipe, weights, inputs.data().rows(recipe, text.positions().own()));
            training.goOn();
        }
        return Optional.of(result);
    }

    /// Computes a step, and takes it unless it stands out.
    private StepResult compute(StepContext context, SpikeHistory history) {
        StabilitySection stability = recipe.stability();
        LoaderPosition from = text.positions().own();
        StepRows batch = text.next();
        if (!stability.isOn()) {
            return trainStep.run(batch, context, _ -> true);
        }
        try {
            return surroundings
                    .measurement()
                    .seen(
                            from,
                            trainStep.run(
                                    batch,
                                    context,
                                    measured -> !history.isSpike(
                                            surroundings.measurement().seen(from, measured), stability)));
        } catch (NonFiniteLossException notFinite) {
            return StepResult.NOT_FINITE;
        }
    }

    /// Goes on after a step that was not taken.
    ///
    /// @return whether training went back to an earlier state
    private boolean refuse(StepContext context, StepResult result, SpikeHistory history) throws IOException {
        StabilitySection stability = recipe.stability();
        if (history.inARow() > stability.tries()) {
            throw new SpikeLimitException(context.step(), result, stability);
        }
        OptionalLong earlier =
                stability.onSpike() == StabilitySection.OnSpike.ROLL_BACK ? lastRegularState() : OptionalLong.empty();
        listener.onWarning(String.format(
                Locale.ROOT,
                "step %d: loss %.4g and gradient norm %.4g stand out; %s (%d of at most %d in a row)",
                context.step(),
                result.crossEntropyLoss(),
                result.gradNorm(),
                earlier.isPresent()
                        ? "training goes back to step " + earlier.getAsLong()
                                + ", and on with the text behind the batch"
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

    /// The step of the last state that every run of the recipe saves, whenever it was stopped; only that
    /// makes the way back the same for all.
    private OptionalLong lastRegularState() {
        long every = recipe.checkpoint().everySteps();
        long last = state.step() / every * every;
        return last > state.cooldownStart().orElse(0) ? OptionalLong.of(last) : OptionalLong.empty();
    }

    private void rollBack(long step, SpikeHistory history) throws IOException {
        StateDirectory earlier = StateDirectory.open(folder.state(step));
        earlier.restore(weights);
        earlier.withOptimizer(trainStep::restoreOptimizer);
        state = earlier.state().rolledBack(text.positions(), history);
        group.barrier(); // All have read.
        if (group.isFirst()) {
            folder.removeAfter(step); // Those of the way that is given up.
        }
        journal.close();
        journal = RunLog.open(folder, step, recipe, surroundings);
        loggedTokens = state.tokensSeen();
        loggedSeconds = training.seconds();
        // The state of that step is now one that goes on with other text.
        savedStep = -1;
        saveIfUnsaved();
    }

    /// Scores held-out text with the weights that a new run begins with, if they are a checkpoint's: what
    /// training is to make better. It is the line of step 0; what is not better is not the best.
    void validateBase() throws IOException {
        if (plan.base().isEmpty()
                || plan.source().isPresent()
                || recipe.metrics().validateEvery() == 0) {
            return;
        }
        training.halt();
        ValidationReport report =
                inputs.heldOut().score(scorer, weights, state.depth(), state.step(), Double.NEGATIVE_INFINITY);
        saving(folder.metrics(), () -> journal.appendBase(report));
        if (isWhole()) {
            state = state.withBest(BestValidation.startingAt(report));
        }
        training.goOn();
        listener.onValidation(report);
    }

    /// Scores held-out text if this is the step for it; the best weights so far become the checkpoint `best`.
    Optional<ValidationReport> validateIfDue() throws IOException {
        long every = recipe.metrics().validateEvery();
        if (!isComplete() && (every == 0 || state.step() % every != 0)) {
            return Optional.empty();
        }
        training.halt();
        double bestSoFar = isWhole() ? state.best().lossOrInfinity() : Double.NEGATIVE_INFINITY;
        ValidationReport report = inputs.heldOut().score(scorer, weights, state.depth(), state.step(), bestSoFar);
        validation = Optional.of(report);
        if (isWhole()) {
            state = state.withBest(state.best().after(report));
        }
        if (isComplete()) {
            lossesAtDepths = inputs.heldOut().lossesAtDepths(scorer, weights);
        }
        if (report.isBest() && group.isFirst()) {
            saving(folder.best(), () -> checkpoint.write(folder.best(), weights, state, validation, lossesAtDepths));
        }
        training.goOn();
        listener.onValidation(report);
        RoutingWarnings.of(weights, report, recipe, state.depth()).forEach(listener::onWarning);
        return validation;
    }

    /// Whether the recursion has come to the depth of the model; before, no checkpoint can be the best.
    private boolean isWhole() {
        return state.depth() >= weights.config().numRecursions();
    }

    /// Writes the line of the step, if it has one, and tells the listener.
    void log(StepResult result, Optional<ValidationReport> validated) throws IOException {
        double learningRate = plan.schedule().at(state.step() - 1);
        if (state.step() % recipe.metrics().logEvery() == 0 || validated.isPresent()) {
            double seconds = training.seconds();
            tokensPerSecond = (state.tokensSeen() - loggedTokens) / (seconds - loggedSeconds);
            loggedTokens = state.tokensSeen();
            loggedSeconds = seconds;
            saving(folder.metrics(), () -> journal.append(state, result, learningRate, tokensPerSecond, validated));
        }
        listener.onStep(new StepReport(
                state.step(),
                totalSteps(),
                result.crossEntropyLoss(),
                tokensPerSecond,
                result.routing().meanDepth(),
                learningRate,
                remaining()));
    }

    /// Saves if steps or minutes say so.
    void saveIfDue() throws IOException {
        boolean bySteps = state.step() % recipe.checkpoint().everySteps() == 0;
        double minutes = (System.nanoTime() - savedNanos) / 60e9;
        boolean byTime = recipe.checkpoint().everyMinutes() > 0
                && toldByFirst(minutes >= recipe.checkpoint().everyMinutes());
        boolean forCooldown = recipe.checkpoint().saveStableAt().contains(state.step());
        if (bySteps || byTime || forCooldown) {
            saveIfUnsaved();
        }
    }

    /// What is so in the first process, to all of them.
    private boolean toldByFirst(boolean here) {
        return group.sums(group.isFirst() && here ? 1 : 0)[0] > 0;
    }

    /// Saves unless the state on disk is this one.
    void saveIfUnsaved() throws IOException {
        if (savedStep == state.step()) {
            return;
        }
        training.halt();
        Path target = folder.state(state.step());
        saving(target, () -> {
            journal.force();
            if (group.isFirst()) {
                checkpoint.write(folder.last(), weights, state, validation, lossesAtDepths);
            }
            StateDirectory.write(target, state, weights.stored(), trainStep.optimizer(), recipe.toYaml(), group);
        });
        savedStep = state.step();
        savedNanos = System.nanoTime();
        if (group.isFirst()) {
            removeOldStates();
        }
        training.goOn();
        listener.onCheckpoint(new CheckpointReport(state.step(), target, folder.last()));
    }

    private void removeOldStates() throws IOException {
        List<Long> staying = new ArrayList<>(recipe.checkpoint().saveStableAt());
        if (recipe.stability().onSpike() == StabilitySection.OnSpike.ROLL_BACK) {
            lastRegularState().ifPresent(staying::add);
        }
        folder.retain(recipe.checkpoint().keepLast(), staying);
    }

    TrainingOutcome outcome() {
        return new TrainingOutcome(
                isComplete() ? TrainingOutcome.Reason.COMPLETED : TrainingOutcome.Reason.STOPPED,
                state.step(),
                totalSteps(),
                state.tokensSeen(),
                validation,
                state.best().beforeTraining(),
                folder.last(),
                Files.isDirectory(folder.best()) ? Optional.of(folder.best()) : Optional.empty());
    }

    @Override
    public void close() throws IOException {
        try (weights;
                RunLog _ = journal) {
            trainStep.close();
            teacher.ifPresent(Teacher::close);
        }
    }

    private long totalSteps() {
        return plan.schedule().totalSteps();
    }

    private interface Saving {
        void run() throws IOException;
    }

    /// Writes something, and if that fails, a full disk being the usual reason, says what it means for the run.
    private void saving(Path target, Saving action) throws IOException {
        try {
            action.run();
        } catch (IOException e) {
            throw new IOException(
                    target + ": could not be written at step " + state.step() + " (" + e.getMessage()
                            + "); what was saved before is unharmed, and the run can go on from there with --resume",
                    e);
        }
    }

    private Duration remaining() {
        // A run that went back may be before its first step.
        long done = Math.max(1, state.step() - plan.first().step());
        double perStep = (double) (System.nanoTime() - startNanos) / done;
        return Duration.ofNanos((long) (perStep * (totalSteps() - state.step())));
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
