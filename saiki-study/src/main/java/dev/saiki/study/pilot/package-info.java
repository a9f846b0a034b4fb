/// The pilot: whether Mixture-of-Recursions pays on a given text, found out on one machine.
///
/// {@link dev.saiki.study.pilot.Pilot} is a preset of a study: it times some steps, chooses a size and
/// a budget, and carries out a study of six models by them, which ends with samples of what they write.
///
/// {@link dev.saiki.study.pilot.PilotCalibration} times the steps,
/// {@link dev.saiki.study.pilot.PilotSize} is a size that fits, and
/// {@link dev.saiki.study.pilot.PilotPlan} is written as a plan that `saiki study` reads too.
package dev.saiki.study.pilot;
