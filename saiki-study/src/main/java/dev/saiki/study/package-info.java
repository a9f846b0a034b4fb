/// Studies: grids of trainings and evaluations from one plan, with statistics, fits and a summary.
///
/// {@link dev.saiki.study.Study} carries out a {@link dev.saiki.study.plan.StudyPlan}.
/// {@link dev.saiki.study.RunPlanner} makes a recipe of every run: a trunk for the largest budget, and
/// cool-downs from its states for the smaller ones. {@link dev.saiki.study.StudyEvaluator} measures
/// each finished checkpoint, once for every {@link dev.saiki.study.plan.StudyEvaluation} of the plan
/// that fits the model. {@link dev.saiki.study.results.StudyResults} is `study.json`, and all that a
/// study has to remember.
///
/// What the runs say together is made of it anew after each.
/// {@link dev.saiki.study.statistics.Bootstrap} draws other documents and other seeds; comparisons,
/// curves ({@link dev.saiki.study.statistics.ComputeOptimalFit}), the worth of a recursion
/// ({@link dev.saiki.study.statistics.IsoDepthLaw}) and families beside early exits at the same cost
/// ({@link dev.saiki.study.statistics.EarlyExitAnalysis}) have their intervals from its resamples.
///
/// {@link dev.saiki.study.StudySession} does the work of one process; {@link dev.saiki.study.StudyLog} keeps
/// what is done, and {@link dev.saiki.study.StudyResumption} takes over what an earlier session left.
package dev.saiki.study;
