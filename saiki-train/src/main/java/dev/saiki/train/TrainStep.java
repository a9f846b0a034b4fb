package dev.saiki.train;

import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.model.ComputeWeights;
import dev.saiki.model.Dropout;
import dev.saiki.model.FullDepth;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.RecursiveTransformer;
import dev.saiki.model.StoredTensors;
import dev.saiki.model.Teacher;
import dev.saiki.model.TrainedParameters;
import dev.saiki.model.TrainedParameters.Part;
import dev.saiki.model.TrainingObjective;
import dev.saiki.model.TrainingPass;
import dev.saiki.model.TrainingRows;
import dev.saiki.model.routing.RandomScores;
import dev.saiki.model.routing.RouterThresholds;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.model.routing.RoutingStatistics;
import dev.saiki.tensor.AdamW;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import dev.saiki.train.schedule.CapacityWarmup;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// One training step: the gradient of all micro-batches, clipped, and the optimizer's answer to it.
///
/// Micro-batches are computed side by side, as many at a time as there are workers and each on one thread,
/// and their gradients are added in the order of the micro-batches. The sum, and with it the whole run, is
/// therefore the same to the last bit however many workers there are, a single one among them, and whichever
/// of them is faster. How the batch is cut into micro-batches does change last bits.
public final class TrainStep implements AutoCloseable {

    /// What has the learning rate of the recipe.
    private static final Set<Part> MODEL = EnumSet.of(Part.TRUNK, Part.ROUTERS);

    private static final Set<Part> AUXILIARY = EnumSet.of(Part.AUXILIARY_ROUTERS);

    private final ModelWeights weights;
    private final TrainedParameters trained;
    private final TrainStepSettings settings;
    private final ComputeWeights computeWeights;
    private final MicroBatchWorkers workers;
    private final Optional<Lessons> lessons;
    private final AdamW optimizer;
    private final Tensor gradient;
    private final GradientClipping clipping;
    private final Tensor firstMoment;
    private final Tensor secondMoment;
    private final Optional<RouterThresholds> thresholds;
    private final Draws draws;

    /// The source of what is random about a micro-batch's routing.
    interface Draws {

        /// Draws from the seed and the step, so that a resumed run draws the same.
        Draws FROM_SEED = new Draws() {};

        /// The random router's scores.
        default RandomScores scores(StepContext context, int firstSequence) {
            return RandomScores.forTraining(context.seed(), context.step(), firstSequence);
        }

        /// The effort of expert-threshold.
        default double effort(RouterThresholds thresholds, StepContext context, int microBatch) {
            return thresholds.draw(context.seed(), context.step(), microBatch);
        }

        /// The exit that a micro-batch at full depth would sample; 0 for a micro-batch that is routed.
        default int exit(FullDepth setting, int recursions, StepContext context, int microBatch) {
            return setting.draw(context.seed(), context.step(), microBatch, recursions);
        }
    }

    /// A teacher, and the depth at which it teaches.
    ///
    /// @param teacher must outlive this
    /// @param depth recursions that every token of the teacher's own text takes in the trained model; 0 if it
    ///     teaches on the text of the run
    public record Lessons(Teacher teacher, int depth) {}

    /// Makes the step of a run.
    ///
    /// @param weights what is trained; must outlive this
    /// @param settings what stays the same
    public TrainStep(ModelWeights weights, TrainStepSettings settings) {
        this(weights, settings, TrainedParameters.all(weights));
    }

    /// Makes the step of a run that trains a part of a model.
    ///
    /// @param weights of the model; must outlive this
    /// @param settings what stays the same
    /// @param trained what is trained; the rest costs no gradient and no memory of the optimizer
    public TrainStep(ModelWeights weights, TrainStepSettings settings, TrainedParameters trained) {
        this(weights, settings, trained, Optional.empty());
    }

    /// Makes the step of a run that a teacher teaches.
    ///
    /// @param weights of the model; must outlive this
    /// @param settings what stays the same
    /// @param trained what is trained
    /// @param lessons what the teacher teaches; empty without one
    public TrainStep(
            ModelWeights weights, TrainStepSettings settings, TrainedParameters trained, Optional<Lessons> lessons) {
        this(weights, settings, trained, lessons, Draws.FROM_SEED);
    }

    TrainStep(ModelWeights weights, TrainStepSettings settings, Optional<Lessons> lessons, Draws draws) {
        this(weights, settings, TrainedParameters.all(weights), lessons, draws);
    }

    private TrainStep(
            ModelWeights weights,
            TrainStepSettings settings,
            TrainedParameters trained,
            Optional<Lessons> lessons,
            Draws draws) {
        this.lessons = lessons;
        this.draws = draws;
        this.weights = weights;
        this.trained = trained;
        this.thresholds = weights.routerThresholds();
        this.settings = settings;
        this.computeWeights = new ComputeWeights(weights, settings.precision());
        this.workers = new MicroBatchWorkers(
                computeWeights, trained, lessons.map(Lessons::teacher), settings.workers(), settings.activations());
        this.optimizer = new AdamW(settings.adamW());
        this.gradient = zeros();
        this.clipping = new GradientClipping(
                trained, gradient, settings.maxGradNorm(), settings.objective().teachesRoutersApart());
        this.firstMoment = zeros();
        this.secondMoment = zeros();
    }

    /// Makes one step.
    ///
    /// @param microBatches rows of T + 1 ids, equally long within a micro-batch
    /// @param context step, learning rate, seed
    /// @return what was measured
    /// @throws NonFiniteLossException if a loss or gradient is not finite; the weights are then unchanged
    public StepResult run(List<int[][]> microBatches, StepContext context) {
        return run(StepRows.of(microBatches), context, _ -> true);
    }

    /// Makes one step if what was measured allows it; else nothing is changed.
    StepResult run(StepRows microBatches, StepContext context, Predicate<StepResult> isUsable) {
        StepTotals totals = accumulateGradients(microBatches, context);
        double gradNorm = clipping.clip(context.step());
        StepResult result = totals.result(gradNorm);
        if (!isUsable.test(result)) {
            return result;
        }
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            optimizer.step(groups(MODEL), context.learningRate(), context.step());
            optimizer.step(
                    groups(AUXILIARY),
                    context.learningRate() * settings.auxiliaryRouterLearningRateFactor(),
                    context.step());
            if (context.step() <= settings.gateOpeningSteps()) {
                weights.setStepGates((double) context.step() / settings.gateOpeningSteps());
            }
            computeWeights.refresh();
        }
        // An adapter leaves all of its base as it is.
        if (weights.adapter().isEmpty()) {
            updateExpertBias(totals.counts(), context);
            thresholds.ifPresent(moving ->
                    moving.update(totals.observed(), settings.objective().thresholdUpdateRate(), context::stepsWith));
        }
        return result;
    }

    /// Computes the gradient without taking the step, and without clipping.
    ///
    /// @param microBatches rows of T + 1 ids
    /// @param context step, learning rate, seed
    /// @return the losses; their gradient is {@link #gradients}
    public StepResult computeGradients(List<int[][]> microBatches, StepContext context) {
        return computeGradientsOf(StepRows.of(microBatches), context);
    }

    /// Computes the gradient of rows of which perhaps a part is learnt likewise.
    StepResult computeGradientsOf(StepRows microBatches, StepContext context) {
        return accumulateGradients(microBatches, context).result(Double.NaN);
    }

    /// Returns the gradient of the last step by name; clipped, if the step was taken. What is frozen has
    /// none.
    ///
    /// @return views in the order of a checkpoint, belonging to the caller's scope
    public SequencedMap<String, Tensor> gradients() {
        return trained.named(gradient);
    }

    /// Shows what the optimizer remembers, for writing, without copying; valid until this is closed.
    ///
    /// @return float32 tensors
    public List<StoredTensor> optimizerState() {
        return List.of(StoredTensors.of("first_moment", firstMoment), StoredTensors.of("second_moment", secondMoment));
    }

    /// Overwrites what the optimizer remembers, and takes over weights that were restored beside it.
    ///
    /// @param stored what {@link #optimizerState} returned
    public void restoreOptimizer(Map<String, StoredTensor> stored) {
        restore(firstMoment, stored.get("first_moment"));
        restore(secondMoment, stored.get("second_moment"));
        computeWeights.refresh();
    }

    @Override
    public void close() {
        workers.close();
        computeWeights.close();
        gradient.close();
        firstMoment.close();
        secondMoment.close();
    }

    private StepTotals accumulateGradients(StepRows rows, StepContext context) {
        int own = rows.own().size();
        int atFullDepth =
                (int) IntStream.range(0, own).filter(i -> exit(context, i) > 0).count();
        StepTotals totals = new StepTotals(
                rows,
                atFullDepth,
                weights.config(),
                settings.objective(),
                lessons.map(lesson -> lesson.teacher().distillation()));
        List<NumberedBatch> batches = new ArrayList<>();
        for (TrainingRows batch : rows.own()) {
            batches.add(new NumberedBatch(batch, batches.size(), totals.firstSequence(batches.size()), false));
        }
        for (TrainingRows batch : rows.taught()) {
            batches.add(new NumberedBatch(batch, batches.size(), totals.firstSequence(batches.size()), true));
        }
        int together = workers.count();
        for (int first = 0; first < batches.size(); first += together) {
            List<NumberedBatch> round = batches.subList(first, Math.min(first + together, batches.size()));
            List<Consumer<StepTotals>> done =
                    workers.runTogether(round, (worker, batch) -> compute(worker, batch, totals, context));
            for (int worker = 0; worker < done.size(); worker++) {
                done.get(worker).accept(totals);
                if (first + worker == 0) {
                    workers.model(worker).copyGradientsTo(gradient);
                } else {
                    workers.model(worker).addGradientsTo(gradient);
                }
            }
        }
        return totals;
    }

    /// A micro-batch, its number, and the number of its first sequence among all of the step.
    ///
    /// @param taught whether it is of the teacher's own text
    private record NumberedBatch(TrainingRows rows, int number, int firstSequence, boolean taught) {}

    /// Computes the losses of a micro-batch and their gradients.
    ///
    /// @return adds the losses to those of the step
    private Consumer<StepTotals> compute(
            MicroBatchWorkers.Worker worker, NumberedBatch batch, StepTotals totals, StepContext context) {
        RecursiveTransformer model = worker.model();
        model.zeroGradients();
        model.drop(Dropout.forTraining(settings.dropout(), context.seed(), context.step(), batch.firstSequence()));
        if (batch.taught()) {
            int depth = Math.min(lessons.orElseThrow().depth(), context.maxDepth());
            RandomScores scores = draws.scores(context, batch.firstSequence());
            double sum =
                    worker.teacher().orElseThrow().teach(model, batch.rows(), depth, scores, totals.taughtTokens());
            return step -> step.addTaught(sum, context.step());
        }
        Optional<Teacher.Pass> teacher =
                worker.teacher().filter(_ -> lessons.orElseThrow().depth() == 0);
        TrainingPass.Report report = pass(model, teacher, batch, totals, context);
        return step ->
                step.add(report, context.step(), thresholds.map(moving -> effort(moving, context, batch.number())));
    }

    private TrainingPass.Report pass(
            RecursiveTransformer model,
            Optional<Teacher.Pass> teacher,
            NumberedBatch batch,
            StepTotals totals,
            StepContext context) {
        TrainingPass pass = new TrainingPass(
                model, settings.objective(), totals.tokens(), totals.microBatches(), totals.atFullDepth());
        RandomScores scores = draws.scores(context, batch.firstSequence());
        int exit = exit(context, batch.number());
        if (exit > 0) {
            return pass.runAtFullDepth(batch.rows(), scores, recursions(context), exit);
        }
        RoutingRequest request = thresholds
                .map(moving -> RoutingRequest.trainingAtEffort(draws.effort(moving, context, batch.number())))
                .orElseGet(() -> requestByRank(batch, context));
        return pass.run(batch.rows(), request.withMaxDepth(context.maxDepth()), scores, teacher);
    }

    private int exit(StepContext context, int microBatch) {
        return settings.objective()
                .fullDepth()
                .map(setting -> draws.exit(setting, recursions(context), context, microBatch))
                .orElse(0);
    }

    /// The recursions that are there at a step.
    private int recursions(StepContext context) {
        return Math.min(weights.config().numRecursions(), context.maxDepth());
    }

    /// The effort of expert-threshold at which a micro-batch is routed: 1 at full depth.
    private double effort(RouterThresholds moving, StepContext context, int microBatch) {
        return exit(context, microBatch) > 0 ? 1 : draws.effort(moving, context, microBatch);
    }

    /// The steps of a warm-up begin with the recursion that it warms up.
    private RoutingRequest requestByRank(NumberedBatch batch, StepContext context) {
        long before = stepsAtFullDepth(context) - 1;
        RoutingRequest request = RoutingRequest.training(
                capacities(context),
                draws.scores(context, batch.firstSequence()),
                before >= 0 && before < settings.objective().balancingWarmupSteps());
        // A choice among all depths is not to be balanced over those that are there.
        boolean choosesAmongMissing = weights.config().routing() instanceof Routing.TokenChoice && before < 0;
        return choosesAmongMissing ? request.withoutLosses() : request;
    }

    private List<Double> capacities(StepContext context) {
        CapacityWarmup warmup = new CapacityWarmup(settings.objective().capacityWarmupSteps());
        List<Double> targets = weights.config().capacities();
        return IntStream.range(0, targets.size())
                .mapToObj(step -> warmup.effective(targets.get(step), Math.max(0, context.stepsWith(step) - 1)))
                .toList();
    }

    private long stepsAtFullDepth(StepContext context) {
        return context.stepsWith(weights.config().numRecursions() - 1);
    }

    private List<AdamW.Group> groups(Set<Part> parts) {
        return trained.stretches().stream()
                .filter(stretch -> parts.contains(stretch.part()))
                .map(stretch -> new AdamW.Group(
                        weights.flat().narrow(0, stretch.weightStart(), stretch.length()),
                        stretch.of(gradient),
                        stretch.of(firstMoment),
                        stretch.of(secondMoment),
                        stretch.decays() ? settings.weightDecay() : 0))
                .toList();
    }

    /// Loss-free balancing: depths that were chosen too often become less attractive (MoR paper, appendix A.2).
    private void updateExpertBias(RoutingStatistics.Counts counts, StepContext context) {
        if (settings.objective().balancing() != TrainingObjective.Balancing.LOSS_FREE
                || stepsAtFullDepth(context) <= settings.objective().balancingWarmupSteps()) {
            return;
        }
        Tensor bias = weights.buffers().get(ParameterNames.EXPERT_BIAS);
        if (bias == null) {
            return;
        }
        double[] load = counts.load();
        float[] values = bias.toFloats();
        double mean = 1.0 / load.length;
        for (int i = 0; i < values.length; i++) {
            values[i] += (float) (settings.objective().biasUpdateRate() * Math.signum(mean - load[i]));
        }
        try (TensorScope _ = TensorScope.open()) {
            bias.copyFrom(Tensors.of(values, values.length));
        }
    }

    private Tensor zeros() {
        return TensorScope.release(Tensors.zeros(DType.FLOAT32, trained.count()));
    }

    private static void restore(Tensor target, @Nullable StoredTensor source) {
        if (source == null) {
            throw new IllegalArgumentException("the optimizer's state is incomplete");
        }
        try (TensorScope _ = TensorScope.open()) {
            target.copyFrom(Tensors.of(source.data(), DType.FLOAT32, target.shape()));
        }
    }
}
