package dev.saiki.train.schedule;

/// The learning rate at each optimizer step of a run.
public sealed interface LearningRateSchedule permits WarmupStableDecay, CosineWithWarmup {

    /// The learning rate of one optimizer step.
    ///
    /// @param step the number of steps taken before this one: 0 for the first step of a run
    /// @return the learning rate, not negative
    double at(long step);

    /// The number of steps of the whole run.
    ///
    /// @return the number of steps, at least 1
    long totalSteps();
}
