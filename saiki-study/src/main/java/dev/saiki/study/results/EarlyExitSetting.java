package dev.saiki.study.results;

/// The exits that a measurement added to a model that was trained without.
///
/// @param share of the layers that was aimed at
/// @param confidence what let a token leave, such as `softmax`
/// @param threshold of the confidence, chosen on the tuning documents
/// @param flopsPerTokenWithoutChecks FLOPs of a token as if it were known for nothing which tokens leave
public record EarlyExitSetting(double share, String confidence, double threshold, double flopsPerTokenWithoutChecks) {}
