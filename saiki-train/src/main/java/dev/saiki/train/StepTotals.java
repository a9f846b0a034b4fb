package dev.saiki.train;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.model.Distillation;
import dev.saiki.model.TrainingObjective;
import dev.saiki.model.TrainingPass;
import dev.saiki.model.TrainingRows;
import dev.saiki.model.routing.RouterThresholds;
import dev.saiki.model.routing.RoutingStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// The sums over the micro-batches of a training step.
final class StepTotals {

    private final List<Integer> firstSequences = new ArrayList<>();
    private final TrainingObjective objective;
    private final int microBatches;
    private final int atFullDepth;
    private final long tokens;
    private final long textTokens;
    private final RoutingStatistics.Counts counts;
    private final List<RouterThresholds.Observation> observed = new ArrayList<>();
    private final double[] sumsAtDepths;
    private final long[] tokensAtDepths;
    private double crossEntropySum;
    private double textSum;
    private double minimisedSum;
    private double auxiliary;
    private double routerZ;
    private double balancing;
    private double auxiliaryRouter;
    private double distillationSum;
    private double routerGain;
    private double rejectedGain;
    private final Optional<Distillation> teacher;
    private final long teacherTokens;
    private double teacherSum;

    /// Creates sums of zero.
    ///
    /// @param batches the step's micro-batches
    /// @param atFullDepth the number of the run's own micro-batches at full depth
    /// @param teacher the teacher's loss; empty without a teacher
    StepTotals(
            StepRows batches,
            int atFullDepth,
            ModelConfig config,
            TrainingObjective objective,
            Optional<Distillation> teacher) {
        this.microBatches = batches.own().size();
        this.atFullDepth = atFullDepth;
        this.objective = objective;
        this.teacher = teacher;
        boolean isMixed = batches.isMixed();
        long count = 0;
        long ofText = 0;
        int sequences = 0;
        int longest = 0;
        for (TrainingRows rows : batches.own()) {
            firstSequences.add(sequences);
            sequences += rows.batch();
            count += rows.numTargets();
            ofText += isMixed && rows.weights().isEmpty() ? rows.numTargets() : 0;
            longest = Math.max(longest, rows.time());
        }
        this.tokens = count;
        this.textTokens = ofText;
        for (TrainingRows rows : batches.ofTeacher()) {
            firstSequences.add(sequences);
            sequences += rows.batch();
        }
        this.teacherTokens =
                batches.ofTeacher().stream().mapToLong(TrainingRows::numTargets).sum();
        this.sumsAtDepths = new double[config.numRecursions()];
        this.tokensAtDepths = new long[config.numRecursions()];
        this.counts = new RoutingStatistics.Counts(
                config.numRecursions(), longest, config.isRouted(), config.routing() instanceof Routing.TokenChoice);
    }

    int microBatches() {
        return microBatches;
    }

    /// The number of micro-batches at full depth.
    int atFullDepth() {
        return atFullDepth;
    }

    /// The number of targets in all micro-batches, without those of a teacher's own text.
    long tokens() {
        return tokens;
    }

    /// The number of targets in a teacher's own text.
    long teacherTokens() {
        return teacherTokens;
    }

    RoutingStatistics.Counts counts() {
        return counts;
    }

    /// The observations from which the thresholds of expert-threshold routing are updated.
    List<RouterThresholds.Observation> observed() {
        return List.copyOf(observed);
    }

    /// The index of a micro-batch's first sequence within the step; the micro-batches of a teacher's own text come
    /// last.
    int firstSequence(int microBatch) {
        return firstSequences.get(microBatch);
    }

    /// Adds a micro-batch.
    ///
    /// @param report the losses of the micro-batch
    /// @param rows the rows of the micro-batch
    /// @param step the training step, from 1
    /// @param effort the effort at which expert-threshold routing routed the micro-batch; empty for other routing
    /// @throws NonFiniteLossException if a loss is not finite
    void add(TrainingPass.Report report, TrainingRows rows, long step, Optional<Double> effort) {
        if (!Double.isFinite(report.crossEntropySum()) || !Double.isFinite(report.minimisedSum())) {
            throw new NonFiniteLossException(step, "the cross-entropy loss");
        }
        effort.ifPresent(asked -> observed.add(new RouterThresholds.Observation(asked, report.candidateLogits())));
        report.depths().ifPresentOrElse(this::addDepths, () -> rejectedGain += report.rejectedGain());
        if (textTokens > 0 && rows.weights().isEmpty()) {
            textSum += report.crossEntropySum();
        } else {
            crossEntropySum += report.crossEntropySum();
        }
        minimisedSum += report.minimisedSum();
        teacherSum += Double.isNaN(report.teacherSum()) ? 0 : report.teacherSum();
        auxiliary += report.auxiliary();
        routerZ += report.routerZ();
        balancing += report.balancing();
        auxiliaryRouter += report.auxiliaryRouter();
        counts.add(report.counts());
    }

    /// Adds a micro-batch of a teacher's own text.
    ///
    /// @param sum the divergence from the teacher's predictions, nats, summed over targets
    /// @param step the training step, from 1
    /// @throws NonFiniteLossException if the sum is not finite
    void addOfTeacher(double sum, long step) {
        if (!Double.isFinite(sum)) {
            throw new NonFiniteLossException(step, "the loss of the teacher");
        }
        teacherSum += sum;
    }

    private double teacherLoss() {
        return teacher.isPresent() ? teacherSum / (teacherTokens > 0 ? teacherTokens : tokens) : Double.NaN;
    }

    private void addDepths(TrainingPass.DepthLosses losses) {
        for (int i = 0; i < losses.crossEntropySums().size(); i++) {
            double sum = losses.crossEntropySums().get(i);
            sumsAtDepths[i] += Double.isNaN(sum) ? 0 : sum;
            tokensAtDepths[i] += Double.isNaN(sum) ? 0 : losses.tokens();
        }
        distillationSum += losses.distillationSum();
        routerGain += losses.routerGain();
    }

    private Optional<StepResult.AtFullDepth> fullDepth() {
        List<Double> losses = IntStream.range(0, sumsAtDepths.length)
                .mapToObj(i -> sumsAtDepths[i] / tokensAtDepths[i])
                .toList();
        return objective
                .fullDepth()
                .map(_ -> new StepResult.AtFullDepth(
                        losses,
                        // Distillation computes every exit, so every depth has the same number of tokens.
                        distillationSum / tokensAtDepths[0],
                        routerGain / atFullDepth,
                        rejectedGain / (microBatches - atFullDepth)));
    }

    /// The measurements of the step.
    StepResult result(double gradNorm) {
        Optional<StepResult.AtFullDepth> fullDepth = fullDepth();
        StepResult.RouterLosses ofRouter = new StepResult.RouterLosses(
                auxiliary / microBatches,
                routerZ / microBatches,
                balancing / microBatches,
                auxiliaryRouter / microBatches);
        double total = objective.total(
                minimisedSum / tokens,
                ofRouter.auxiliary(),
                ofRouter.routerZ(),
                ofRouter.balancing(),
                fullDepth.map(StepResult.AtFullDepth::bothGainLosses).orElse(0.0));
        return new StepResult(
                crossEntropySum / (tokens - textTokens),
                textTokens > 0 ? textSum / textTokens : Double.NaN,
                ofRouter,
                teacherLoss(),
                total + teacher.map(loss -> loss.coefficient() * teacherLoss()).orElse(0.0),
                gradNorm,
                tokens,
                counts.toStatistics(),
                fullDepth);
    }
}
