package dev.saiki.eval.tasks;

/// A metric's value with its standard error.
///
/// @param metric the metric
/// @param value the number
/// @param standardError standard error of the value; NaN with fewer than two documents
public record MetricValue(Metric metric, double value, double standardError) {}
