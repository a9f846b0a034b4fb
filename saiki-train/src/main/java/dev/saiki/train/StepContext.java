package dev.saiki.train;

import dev.saiki.train.schedule.DepthSchedule;

/// Settings that change from step to step.
///
/// @param step which step this is, from 1
/// @param learningRate of this step
/// @param seed of the run; all randomness of a step derives from the seed and the step
/// @param depths the depth of the recursion over the run
public record StepContext(long step, double learningRate, long seed, DepthSchedule depths) {

    /// Makes the settings of a step of a run in which every recursion is there from the first step on.
    ///
    /// @param step which step this is, from 1
    /// @param learningRate of this step
    /// @param seed of the run
    public StepContext(long step, double learningRate, long seed) {
        this(step, learningRate, seed, DepthSchedule.UNBOUNDED);
    }

    /// The most recursions that a token takes in this step.
    int maxDepth() {
        return depths.at(step - 1);
    }

    /// The number of training steps, this one included, that have had a recursion step; 0 or less if it has yet to
    /// come.
    long stepsWith(int recursionStep) {
        return step - depths.start(recursionStep);
    }
}
