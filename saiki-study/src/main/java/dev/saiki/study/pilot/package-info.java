/// The pilot, which finds out on one machine whether Mixture-of-Recursions pays off on a given text.
///
/// {@link dev.saiki.study.pilot.Pilot} is a preset of a study: it times some steps, chooses a size and a budget,
/// and runs a study of six models of that size and budget, which ends with text samples of the models.
///
/// {@link dev.saiki.study.pilot.PilotCalibration} times the steps, {@link dev.saiki.study.pilot.PilotSize} is a
/// size that fits, and {@link dev.saiki.study.pilot.PilotPlan} is written as a plan that `saiki study` can read.
package dev.saiki.study.pilot;
