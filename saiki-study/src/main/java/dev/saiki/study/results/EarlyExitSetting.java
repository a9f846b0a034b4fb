package dev.saiki.study.results;

/// The early exits of a measurement, on a model trained without them.
///
/// @param share of the layers that was aimed at
/// @param confidence what let a token leave, such as `softmax`
/// @param threshold of the confidence, chosen on the tuning documents
/// @param flopsPerTokenWithoutChecks FLOPs of a token as if it were known for nothing which tokens leave
public record EarlyExitSetting(double share, String confidence, double threshold, double flopsPerTokenWithoutChecks) {}
