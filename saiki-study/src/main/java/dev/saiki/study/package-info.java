/// Studies: grids of trainings and evaluations from one plan, with statistics, fits and a summary.
///
/// {@link dev.saiki.study.Study} carries out a {@link dev.saiki.study.StudyPlan}. `StudyRuns` makes a
/// recipe of every run: a trunk for the largest budget, and cool-downs from its states for the smaller
/// ones. `StudyEvaluator` measures each finished checkpoint, once for every `StudyEvaluation` of the plan
/// that fits the model. `StudyResults` is `study.json`, and all that a study has to remember.
///
/// What the runs say together is made of it anew after each. `StudyBootstrap` draws other documents and
/// other seeds; comparisons, curves (`StudyCurves`), the worth of a recursion (`RecurrenceLaw`) and
/// families beside early exits at the same cost (`StudyExits`) have their intervals from its resamples.
package dev.saiki.study;
