package dev.saiki.train;

import dev.saiki.model.Precision;
import dev.saiki.model.RecursiveTransformer;
import dev.saiki.model.TrainingObjective;
import dev.saiki.tensor.AdamW;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.train.recipe.OptimizerSection;
import dev.saiki.train.recipe.ParallelismSection;
import dev.saiki.train.recipe.Recipe;

/// Settings that stay the same over all steps of a run.
///
/// @param objective what is minimised
/// @param precision number format of computation
/// @param adamW settings of the optimizer
/// @param weightDecay of matrices; norms do not decay
/// @param maxGradNorm gradients longer than this are shortened to it
/// @param parallelism how a step is shared out
/// @param auxiliaryRouterLearningRateFactor by which the auxiliary routers' learning rate is larger
/// @param activations what is kept of a forward pass for the backward pass
/// @param dropout share of numbers that training passes leave out
/// @param gateOpeningSteps first steps after which the gates of steps are set, rising to 1, and not learned
public record TrainStepSettings(
        TrainingObjective objective,
        Precision precision,
        AdamW.Settings adamW,
        double weightDecay,
        double maxGradNorm,
        Parallelism parallelism,
        double auxiliaryRouterLearningRateFactor,
        RecursiveTransformer.Activations activations,
        double dropout,
        long gateOpeningSteps) {

    /// The distribution of a step over threads and processes.
    ///
    /// @param workers micro-batches that a process computes at the same time, each on one thread
    /// @param fixedOrder whether gradients are added in the order of the micro-batches on any number of processes
    /// @param shardsOptimizer whether each process has a shard of the optimizer's moments only
    public record Parallelism(int workers, boolean fixedOrder, boolean shardsOptimizer) {

        /// Makes the distribution of a single process.
        ///
        /// @param workers parallel micro-batches
        public Parallelism(int workers) {
            this(workers, true, false);
        }
    }

    /// Makes the settings of a run as its recipe says.
    ///
    /// @param recipe of the run
    /// @param group of processes, which share the processors of a machine
    /// @return its settings
    static TrainStepSettings of(Recipe recipe, ProcessGroup group) {
        OptimizerSection optimizer = recipe.optimizer();
        double maxGradNorm = optimizer.maxGradNorm() == 0 ? Double.POSITIVE_INFINITY : optimizer.maxGradNorm();
        return new TrainStepSettings(
                recipe.objective(),
                recipe.precision().compute(),
                new AdamW.Settings(optimizer.beta1(), optimizer.beta2(), optimizer.epsilon()),
                optimizer.weightDecay(),
                maxGradNorm,
                parallelism(recipe.parallelism(), group),
                optimizer.auxiliaryRouterLearningRateFactor(),
                recipe.precision().activationCheckpointing()
                        ? RecursiveTransformer.Activations.RECOMPUTE
                        : RecursiveTransformer.Activations.KEEP,
                recipe.model().dropout(),
                recipe.schedule().openGatesSteps(recipe.totalSteps(0)));
    }

    private static Parallelism parallelism(ParallelismSection section, ProcessGroup group) {
        int processors = Runtime.getRuntime().availableProcessors() / group.sizeHere();
        return new Parallelism(section.workersWith(processors), section.fixedOrder(), section.shardOptimizer());
    }

    /// Makes the settings of a run whose passes leave nothing out.
    ///
    /// @param objective what is minimised
    /// @param precision number format of computation
    /// @param adamW settings of the optimizer
    /// @param weightDecay of matrices
    /// @param maxGradNorm gradients longer than this are shortened to it
    /// @param workers micro-batches that are computed at the same time
    /// @param auxiliaryRouterLearningRateFactor by which the auxiliary routers' learning rate is larger
    /// @param activations what is kept of a forward pass for the backward pass
    public TrainStepSettings(
            TrainingObjective objective,
            Precision precision,
            AdamW.Settings adamW,
            double weightDecay,
            double maxGradNorm,
            int workers,
            double auxiliaryRouterLearningRateFactor,
            RecursiveTransformer.Activations activations) {
        this(
                objective,
                precision,
                adamW,
                weightDecay,
                maxGradNorm,
                new Parallelism(workers),
                auxiliaryRouterLearningRateFactor,
                activations,
                0,
                0);
    }
}
