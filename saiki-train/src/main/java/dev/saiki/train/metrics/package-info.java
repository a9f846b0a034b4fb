/// The metrics log of a run: `metrics.jsonl`, the source of truth ({@link dev.saiki.train.metrics.MetricsLog}),
/// and TensorBoard event files with the same lines ({@link dev.saiki.train.metrics.EventFileWriter}).
/// {@link dev.saiki.train.metrics.MetricNames} lists the names.
package dev.saiki.train.metrics;
