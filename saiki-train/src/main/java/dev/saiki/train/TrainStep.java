package dev.saiki.train;

import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.model.ComputeWeights;
import dev.saiki.model.Dropout;
import dev.saiki.model.FullDepth;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.RecursiveTransformer;
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
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import dev.saiki.train.parallel.GradientSum;
import dev.saiki.train.parallel.MicroBatchReport;
import dev.saiki.train.parallel.ShardedAdamW;
import dev.saiki.train.schedule.CapacityWarmup;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/// One training step: the clipped gradient of all micro-batches and the optimizer's update.
///
/// Micro-batches are computed in parallel, one per worker thread, and their gradients are added in the order of
/// the micro-batches. The sum, and with it the whole run, is therefore bit-identical for any number of workers.
/// Any number of processes, which share the micro-batches, gives the same sum too, unless the recipe allows
/// another order of addition. The division into micro-batches does affect the last bits.
public final class TrainStep implements AutoCloseable {

    /// The parameter groups with the recipe's learning rate.
    private static final Set<Part> MODEL = EnumSet.of(Part.TRUNK, Part.ROUTERS);

    private static final Set<Part> AUXILIARY = EnumSet.of(Part.AUXILIARY_ROUTERS);

    private final ModelWeights weights;
    private final TrainedParameters trained;
    private final TrainStepSettings settings;
    private final ComputeWeights computeWeights;
    private final MicroBatchWorkers workers;
    private final Optional<Teaching> teaching;
    private final ProcessGroup group;
    private final ShardedAdamW optimizer;
    private final GradientSum sum;
    private final GradientClipping clipping;
    private final Optional<RouterThresholds> thresholds;
    private final Draws draws;

    /// The source of the random numbers that the routing of a micro-batch needs.
    interface Draws {

        /// Draws from the seed and the step number, so that a resumed run draws the same numbers.
        Draws FROM_SEED = new Draws() {};

        /// The random router's scores.
        default RandomScores scores(StepContext context, int firstSequence) {
            return RandomScores.forTraining(context.seed(), context.step(), firstSequence);
        }

        /// The effort at which expert-threshold routing routes the micro-batch.
        default double effort(RouterThresholds thresholds, StepContext context, int microBatch) {
            return thresholds.draw(context.seed(), context.step(), microBatch);
        }

        /// The exit drawn for a micro-batch at full depth, for {@link FullDepth.Prior#SAMPLED}; 0 for a routed
        /// micro-batch.
        default int exit(FullDepth setting, int recursions, StepContext context, int microBatch) {
            return setting.draw(context.seed(), context.step(), microBatch, recursions);
        }
    }

    /// A teacher and the depth at which it teaches.
    ///
    /// @param teacher the teacher, which must outlive this step
    /// @param depth the number of recursions that every token of the teacher's own text takes in the trained
    ///     model; 0 if the teacher teaches on the text of the run
    public record Teaching(Teacher teacher, int depth) {}

    /// Creates a builder of a step that by default trains all weights, in one process, without a teacher.
    ///
    /// @param weights the model's weights, the same in every process; must outlive the step
    /// @param settings the settings of every step; except for the number of workers, they are the same in all
    ///     processes
    /// @return a builder to change these defaults
    public static Builder builder(ModelWeights weights, TrainStepSettings settings) {
        return new Builder(weights, settings);
    }

    /// A builder of a step.
    public static final class Builder {

        private final ModelWeights weights;
        private final TrainStepSettings settings;
        private TrainedParameters trained;
        private Optional<Teaching> teaching = Optional.empty();
        private ProcessGroup group = ProcessGroup.single();
        private Draws draws = Draws.FROM_SEED;

        private Builder(ModelWeights weights, TrainStepSettings settings) {
            this.weights = weights;
            this.settings = settings;
            this.trained = TrainedParameters.all(weights);
        }

        /// Sets the trained parameters; frozen parameters need no gradient and no optimizer memory.
        ///
        /// @param parameters the trained parameters among the weights of the step
        /// @return this
        public Builder trained(TrainedParameters parameters) {
            this.trained = parameters;
            return this;
        }

        /// Adds a teacher.
        ///
        /// @param teaching a teacher and its depth; empty for none
        /// @return this
        public Builder teaching(Optional<Teaching> teaching) {
            this.teaching = teaching;
            return this;
        }

        /// Sets the processes; each of them receives all rows of a step.
        ///
        /// @param processes the group
        /// @return this
        public Builder group(ProcessGroup processes) {
            this.group = processes;
            return this;
        }

        /// Sets the source of random numbers.
        Builder draws(Draws source) {
            this.draws = source;
            return this;
        }

        /// Allocates the step's workers and optimizer.
        ///
        /// @return the step; the caller must close it
        public TrainStep build() {
            return new TrainStep(this);
        }
    }

    private TrainStep(Builder builder) {
        this.teaching = builder.teaching;
        this.group = builder.group;
        this.draws = builder.draws;
        this.weights = builder.weights;
        this.trained = builder.trained;
        this.thresholds = weights.routerThresholds();
        this.settings = builder.settings;
        this.computeWeights = new ComputeWeights(weights, settings.precision());
        this.workers = new MicroBatchWorkers(
                computeWeights,
                trained,
                teaching.map(Teaching::teacher),
                settings.parallelism().workers(),
                settings.activations());
        this.optimizer = new ShardedAdamW(
                settings.adamW(),
                settings.weightDecay(),
                weights,
                trained,
                group,
                settings.parallelism().shardsOptimizer());
        this.sum = GradientSum.of(group, settings.parallelism().fixedOrder(), trained.count(), weights.device());
        this.clipping = new GradientClipping(
                trained,
                sum.gradient(),
                settings.maxGradNorm(),
                settings.objective().teachesRoutersApart());
    }

    /// Takes one step.
    ///
    /// @param microBatches rows of ids, each with one id more than the model reads; all rows of a micro-batch
    ///     have the same length
    /// @param context the step number, the learning rate and the seed
    /// @return the measurements
    /// @throws NonFiniteLossException if a loss or gradient is not finite; the weights are then unchanged
    public StepResult run(List<int[][]> microBatches, StepContext context) {
        return run(StepRows.of(microBatches), context, Attempt::taken).result();
    }

    /// The outcome of an attempted step.
    ///
    /// @param result the measurements of the step
    /// @param isTaken whether the step was applied
    record Attempt(StepResult result, boolean isTaken) {

        static Attempt taken(StepResult result) {
            return new Attempt(result, true);
        }
    }

    /// Computes a step and applies it if the judge accepts it; otherwise the weights are unchanged.
    ///
    /// @param judge decides by the measurements whether the step is applied
    /// @return the judge's decision
    Attempt run(StepRows microBatches, StepContext context, Function<StepResult, Attempt> judge) {
        StepTotals totals = accumulateGradients(microBatches, context);
        double gradNorm = clipping.clip(context.step());
        Attempt attempt = judge.apply(totals.result(gradNorm));
        if (!attempt.isTaken()) {
            return attempt;
        }
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            optimizer.step(MODEL, sum.gradient(), context.learningRate(), context.step());
            optimizer.step(
                    AUXILIARY,
                    sum.gradient(),
                    context.learningRate() * settings.auxiliaryRouterLearningRateFactor(),
                    context.step());
            optimizer.shareWeights();
            if (context.step() <= settings.gateOpeningSteps()) {
                weights.setStepGates((double) context.step() / settings.gateOpeningSteps());
            }
            computeWeights.refresh();
        }
        // With an adapter the base is frozen, including its routing biases and thresholds.
        if (weights.adapter().isEmpty()) {
            updateExpertBias(totals.counts(), context);
            thresholds.ifPresent(moving ->
                    moving.update(totals.observed(), settings.objective().thresholdUpdateRate(), context::stepsWith));
        }
        return attempt;
    }

    /// Computes the gradient without clipping or updating; it is then available from {@link #gradients}.
    StepResult computeGradients(StepRows microBatches, StepContext context) {
        return accumulateGradients(microBatches, context).result(Double.NaN);
    }

    /// Returns the gradient of the last step by parameter name; the gradient is clipped after {@link #run}, and
    /// not after {@link #computeGradients}. Frozen parameters have none.
    ///
    /// @return views in checkpoint order, which belong to the caller's scope
    public SequencedMap<String, Tensor> gradients() {
        return trained.named(sum.gradient());
    }

    /// Returns the optimizer with its moments.
    ShardedAdamW optimizer() {
        return optimizer;
    }

    /// Restores the optimizer's moments, and picks up weights that were restored with them.
    ///
    /// @param stored the state that {@link ShardedAdamW#collect} returned in each process
    void restoreOptimizer(List<Map<String, StoredTensor>> stored) {
        optimizer.restore(stored);
        computeWeights.refresh();
    }

    @Override
    public void close() {
        workers.close();
        computeWeights.close();
        sum.close();
        optimizer.close();
    }

    private StepTotals accumulateGradients(StepRows rows, StepContext context) {
        List<Integer> exits = exits(rows.own().size(), context);
        int atFullDepth = (int) exits.stream().filter(exit -> exit > 0).count();
        StepTotals totals = new StepTotals(
                rows,
                atFullDepth,
                weights.config(),
                settings.objective(),
                teaching.map(lesson -> lesson.teacher().distillation()));
        List<NumberedBatch> batches = new ArrayList<>();
        for (TrainingRows batch : rows.own()) {
            int number = batches.size();
            batches.add(new NumberedBatch(batch, number, totals.firstSequence(number), exits.get(number), false));
        }
        for (TrainingRows batch : rows.ofTeacher()) {
            int number = batches.size();
            batches.add(new NumberedBatch(batch, number, totals.firstSequence(number), 0, true));
        }
        List<NumberedBatch> mine = batches.stream()
                .filter(batch -> batch.number() % group.size() == group.rank())
                .toList();
        List<MicroBatchReport> reports = new ArrayList<>();
        int lanes = (batches.size() + group.size() - 1) / group.size();
        int together = workers.count();
        for (int first = 0; first < lanes; first += together) {
            List<NumberedBatch> round =
                    mine.subList(Math.min(first, mine.size()), Math.min(first + together, mine.size()));
            reports.addAll(workers.runTogether(round, (worker, batch) -> compute(worker, batch, totals, context)));
            sum.add(
                    IntStream.range(0, round.size()).mapToObj(workers::model).toList(),
                    new GradientSum.Lanes(first, Math.min(first + together, lanes), batches.size()));
        }
        ProcessGroup.Pending total = sum.startTotal();
        try {
            addUp(reports, batches, totals, context);
        } finally {
            total.await(); // Otherwise the next step would overwrite data in transit.
        }
        return totals;
    }

    /// Sums the reports of all micro-batches of all processes, in order.
    private void addUp(
            List<MicroBatchReport> mine, List<NumberedBatch> batches, StepTotals totals, StepContext context) {
        List<List<MicroBatchReport>> all = group.size() == 1
                ? List.of(mine)
                : group.gather(MicroBatchReport.write(mine)).stream()
                        .map(MicroBatchReport::read)
                        .toList();
        for (NumberedBatch batch : batches) {
            int number = batch.number();
            switch (all.get(number % group.size()).get(number / group.size())) {
                case MicroBatchReport.Own own ->
                    totals.add(
                            own.losses(),
                            batch.rows(),
                            context.step(),
                            thresholds.map(moving -> effort(moving, batch, context)));
                case MicroBatchReport.OfTeacher ofTeacher -> totals.addOfTeacher(ofTeacher.sum(), context.step());
            }
        }
    }

    /// A micro-batch and its index in the step.
    ///
    /// @param firstSequence the index of the micro-batch's first sequence within the step
    /// @param exit the exit drawn for a micro-batch at full depth; 0 for a routed micro-batch
    /// @param ofTeacher whether the micro-batch belongs to the teacher's own text
    private record NumberedBatch(TrainingRows rows, int number, int firstSequence, int exit, boolean ofTeacher) {}

    /// Computes the losses of a micro-batch and their gradients.
    private MicroBatchReport compute(
            MicroBatchWorkers.Worker worker, NumberedBatch batch, StepTotals totals, StepContext context) {
        RecursiveTransformer model = worker.model();
        model.zeroGradients();
        model.drop(Dropout.forTraining(settings.dropout(), context.seed(), context.step(), batch.firstSequence()));
        if (batch.ofTeacher()) {
            int depth = Math.min(teaching.orElseThrow().depth(), context.maxDepth());
            RandomScores scores = draws.scores(context, batch.firstSequence());
            double divergence =
                    worker.teacher().orElseThrow().teach(model, batch.rows(), depth, scores, totals.teacherTokens());
            return new MicroBatchReport.OfTeacher(divergence);
        }
        Optional<Teacher.Pass> teacher =
                worker.teacher().filter(_ -> teaching.orElseThrow().depth() == 0);
        return new MicroBatchReport.Own(pass(model, teacher, batch, totals, context));
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
        if (batch.exit() > 0) {
            return pass.runAtFullDepth(batch.rows(), scores, recursions(context), batch.exit());
        }
        RoutingRequest request = thresholds
                .map(moving -> RoutingRequest.trainingAtEffort(effort(moving, batch, context)))
                .orElseGet(() -> requestByRank(batch, context));
        return pass.run(batch.rows(), request.withMaxDepth(context.maxDepth()), scores, teacher);
    }

    /// The exits drawn for the run's own micro-batches; 0 for a routed one.
    private List<Integer> exits(int microBatches, StepContext context) {
        return IntStream.range(0, microBatches)
                .mapToObj(number -> settings.objective()
                        .fullDepth()
                        .map(setting -> draws.exit(setting, recursions(context), context, number))
                        .orElse(0))
                .toList();
    }

    /// The number of recursions enabled at a step.
    private int recursions(StepContext context) {
        return Math.min(weights.config().numRecursions(), context.maxDepth());
    }

    /// The expert-threshold effort of a micro-batch; 1 at full depth.
    private double effort(RouterThresholds moving, NumberedBatch batch, StepContext context) {
        return batch.exit() > 0 ? 1 : draws.effort(moving, context, batch.number());
    }

    /// The steps of a recursion's warm-up are counted from the training step that enables the recursion.
    private RoutingRequest requestByRank(NumberedBatch batch, StepContext context) {
        long before = stepsAtFullDepth(context) - 1;
        RoutingRequest request = RoutingRequest.training(
                capacities(context),
                draws.scores(context, batch.firstSequence()),
                before >= 0 && before < settings.objective().balancingWarmupSteps());
        // Token choice decides among all depths; until all are enabled, balancing losses are left out.
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

    /// Loss-free balancing: lowers the bias of depths that were chosen too often, and raises that of the others
    /// (MoR paper, appendix A.2).
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
        MemorySegment stored = Tensors.segmentOf(bias);
        float[] values = stored.toArray(ValueLayout.JAVA_FLOAT);
        double mean = 1.0 / load.length;
        for (int i = 0; i < values.length; i++) {
            values[i] += (float) (settings.objective().biasUpdateRate() * Math.signum(mean - load[i]));
        }
        stored.copyFrom(MemorySegment.ofArray(values));
    }
}
