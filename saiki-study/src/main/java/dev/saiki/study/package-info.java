/// Studies: grids of trainings and evaluations from one plan, with statistics, fits and a summary.
///
/// {@link dev.saiki.study.Study} executes a {@link dev.saiki.study.plan.StudyPlan}.
/// {@link dev.saiki.study.RunPlanner} creates the recipe of every run: a trunk for the largest budget, and
/// cool-downs from its states for the smaller ones. {@link dev.saiki.study.StudyEvaluator} evaluates each finished
/// checkpoint with every {@link dev.saiki.study.plan.StudyEvaluation} of the plan that applies to the model.
/// {@link dev.saiki.study.results.StudyResults} is `study.json`, the complete state of a study.
///
/// The statistics are recomputed from `study.json` after each run. {@link dev.saiki.study.statistics.Bootstrap}
/// resamples documents and seeds; it gives intervals to comparisons, curves ({@link
/// dev.saiki.study.statistics.ComputeOptimalFit}), the worth of a recursion ({@link
/// dev.saiki.study.statistics.IsoDepthLaw}) and the comparison of families with early exits at the same cost
/// ({@link dev.saiki.study.statistics.EarlyExitAnalysis}).
///
/// {@link dev.saiki.study.StudySession} does the work of one process; {@link dev.saiki.study.StudyLog} records
/// finished work, and {@link dev.saiki.study.StudyResumption} reuses the results of an earlier session.
package dev.saiki.study;
