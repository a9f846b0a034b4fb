/// The statistics of a study: intervals from resampled documents and seeds, comparisons, compute-optimal curves, and
/// the
/// worth of a recursion. {@link dev.saiki.study.statistics.StudyAnalysis} adds them to results.
package dev.saiki.study.statistics;
