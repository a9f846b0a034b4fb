/// The statistics of a study: {@link dev.saiki.study.statistics.StudyAnalysis} adds them to results.
///
/// `Bootstrap` draws other documents and other seeds; comparisons, compute-optimal curves (`ComputeOptimalFit`), the
/// worth of a recursion (`IsoDepthLaw`) and families beside early exits at the same cost (`EarlyExitAnalysis`) have
/// their intervals from its resamples.
package dev.saiki.study.statistics;
