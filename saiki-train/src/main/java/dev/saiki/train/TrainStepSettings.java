package dev.saiki.train;

import dev.saiki.model.Precision;
import dev.saiki.model.RecursiveTransformer;
import dev.saiki.model.TrainingObjective;
import dev.saiki.tensor.AdamW;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.train.recipe.OptimizerSection;
import dev.saiki.train.recipe.ParallelismSection;
import dev.saiki.train.recipe.Recipe;

/// Settings that are constant over all steps of a run.
///
/// @param objective the training objective
/// @param precision the number format of computation
/// @param adamW the optimizer's settings
/// @param weightDecay the weight decay of matrices; norms are not decayed
/// @param maxGradNorm the norm to which longer gradients are clipped
/// @param parallelism the distribution of a step over threads and processes
/// @param auxiliaryRouterLearningRateFactor the auxiliary routers' learning rate divided by the model's
/// @param activations which activations a forward pass keeps for the backward pass
/// @param dropout the dropout rate of training passes
/// @param gateOpeningSteps the number of initial steps in which the step gates rise to 1 on a fixed ramp instead
///     of being learned
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
    /// @param workers the number of micro-batches that a process computes in parallel, each on one thread
    /// @param fixedOrder whether gradients are added in the order of the micro-batches for any number of processes
    /// @param shardsOptimizer whether each process keeps only a shard of the optimizer's moments
    public record Parallelism(int workers, boolean fixedOrder, boolean shardsOptimizer) {

        /// Returns the settings of a single process.
        ///
        /// @param workers parallel micro-batches
        public Parallelism(int workers) {
            this(workers, true, false);
        }
    }

    /// Returns the settings of a run from its recipe.
    ///
    /// @param recipe the run's recipe
    /// @param group the processes, which share the processors of a machine
    /// @return the run's settings
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
}
