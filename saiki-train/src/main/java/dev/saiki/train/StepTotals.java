package dev.saiki.train;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
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
    private final RoutingStatistics.Counts counts;
    private final List<RouterThresholds.Observation> observed = new ArrayList<>();
    private final double[] sumsAtDepths;
    private final long[] tokensAtDepths;
    private double crossEntropySum;
    private double minimisedSum;
    private double auxiliary;
    private double routerZ;
    private double balancing;
    private double auxiliaryRouter;
    private double distillationSum;
    private double routerGain;
    private double rejectedGain;

    StepTotals(List<TrainingRows> batches, int atFullDepth, ModelConfig config, TrainingObjective objective) {
        this.microBatches = batches.size();
        this.atFullDepth = atFullDepth;
        this.objective = objective;
        long count = 0;
        int sequences = 0;
        int longest = 0;
        for (TrainingRows rows : batches) {
            firstSequences.add(sequences);
            sequences += rows.batch();
            count += rows.numTargets();
            longest = Math.max(longest, rows.time());
        }
        this.tokens = count;
        this.sumsAtDepths = new double[config.numRecursions()];
        this.tokensAtDepths = new long[config.numRecursions()];
        this.counts = new RoutingStatistics.Counts(
                config.numRecursions(), longest, config.isRouted(), config.routing() instanceof Routing.TokenChoice);
    }

    int microBatches() {
        return microBatches;
    }

    /// How many of the micro-batches are at full depth.
    int atFullDepth() {
        return atFullDepth;
    }

    /// The targets of all micro-batches.
    long tokens() {
        return tokens;
    }

    RoutingStatistics.Counts counts() {
        return counts;
    }

    /// What the thresholds of expert threshold move by.
    List<RouterThresholds.Observation> observed() {
        return List.copyOf(observed);
    }

    /// The number of a micro-batch's first sequence among all of the step.
    int firstSequence(int microBatch) {
        return firstSequences.get(microBatch);
    }

    /// Adds a micro-batch.
    ///
    /// @param report its losses
    /// @param step the training step, from 1
    /// @param effort by which it was routed, with expert threshold
    /// @throws NonFiniteLossException if a loss is not finite
    void add(TrainingPass.Report report, long step, Optional<Double> effort) {
        if (!Double.isFinite(report.crossEntropySum()) || !Double.isFinite(report.minimisedSum())) {
            throw new NonFiniteLossException(step, "the cross-entropy loss");
        }
        effort.ifPresent(asked -> observed.add(new RouterThresholds.Observation(asked, report.candidateLogits())));
        report.depths().ifPresentOrElse(this::addDepths, () -> rejectedGain += report.rejectedGain());
        crossEntropySum += report.crossEntropySum();
        minimisedSum += report.minimisedSum();
        auxiliary += report.auxiliary();
        routerZ += report.routerZ();
        balancing += report.balancing();
        auxiliaryRouter += report.auxiliaryRouter();
        counts.add(report.counts());
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
                        // Where there is a distillation, every exit is computed.
                        distillationSum / tokensAtDepths[0],
                        routerGain / atFullDepth,
                        rejectedGain / (microBatches - atFullDepth)));
    }

    /// The measurements of the step.
    StepResult result(double gradNorm) {
        Optional<StepResult.AtFullDepth> fullDepth = fullDepth();
        return new StepResult(
                crossEntropySum / tokens,
                auxiliary / microBatches,
                routerZ / microBatches,
                balancing / microBatches,
                auxiliaryRouter / microBatches,
                objective.total(
                        minimisedSum / tokens,
                        auxiliary / microBatches,
                        routerZ / microBatches,
                        balancing / microBatches,
                        fullDepth.map(StepResult.AtFullDepth::bothGainLosses).orElse(0.0)),
                gradNorm,
                tokens,
                counts.toStatistics(),
                fullDepth);
    }
}
