package dev.saiki.train;

import dev.saiki.train.schedule.DepthSchedule;

/// Settings that vary from step to step.
///
/// @param step the step number, from 1
/// @param learningRate the learning rate of this step
/// @param seed the seed of the run; all randomness of a step derives from the seed and the step number
/// @param depths the recursion depth over the run
public record StepContext(long step, double learningRate, long seed, DepthSchedule depths) {

    /// Returns the settings of a step in a run with every recursion enabled from the first step on.
    ///
    /// @param step the step number, from 1
    /// @param learningRate the learning rate of this step
    /// @param seed the seed of the run
    public StepContext(long step, double learningRate, long seed) {
        this(step, learningRate, seed, DepthSchedule.UNBOUNDED);
    }

    /// The maximum number of recursions of a token in this step.
    int maxDepth() {
        return depths.at(step - 1);
    }

    /// The number of training steps, this one included, since a recursion step was enabled; 0 or less if the
    /// recursion step is not yet enabled.
    long stepsWith(int recursionStep) {
        return step - depths.start(recursionStep);
    }
}
