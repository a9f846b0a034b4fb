package dev.saiki.study.results;

/// The early exits of a measurement, on a model trained without them.
///
/// @param share target mean share of the layers that tokens pass
/// @param confidence confidence measure by which a token exits, such as `softmax`
/// @param threshold threshold of the confidence, chosen on the tuning documents
/// @param flopsPerTokenWithoutChecks FLOPs per token without the cost of deciding which tokens exit
public record EarlyExitSetting(double share, String confidence, double threshold, double flopsPerTokenWithoutChecks) {}
