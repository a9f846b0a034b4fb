/// Schedules as pure functions of the step: learning rate ({@link dev.saiki.train.schedule.LearningRateSchedule}),
/// recursion depth ({@link dev.saiki.train.schedule.DepthSchedule}) and capacity warm-up ({@link
/// dev.saiki.train.schedule.CapacityWarmup}). Schedules are stateless, so a resumed run needs only its step
/// number.
package dev.saiki.train.schedule;
