/// The statistics of a study: {@link dev.saiki.study.statistics.StudyAnalysis} adds them to results.
///
/// `Bootstrap` resamples documents and seeds; it gives intervals to comparisons, compute-optimal curves
/// (`ComputeOptimalFit`), the worth of a recursion (`IsoDepthLaw`) and the comparison of families with early exits
/// at the same cost (`EarlyExitAnalysis`).
package dev.saiki.study.statistics;
