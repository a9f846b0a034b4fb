/// Quantities that change over a run, as pure functions of the step: the learning rate
/// ({@link dev.saiki.train.schedule.LearningRateSchedule}), the depth of the recursion
/// ({@link dev.saiki.train.schedule.DepthSchedule}) and the capacity warm-up
/// ({@link dev.saiki.train.schedule.CapacityWarmup}). Nothing here has state, so a resumed run needs only its step.
package dev.saiki.train.schedule;
