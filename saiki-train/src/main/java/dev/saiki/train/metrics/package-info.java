/// Where the numbers of a run go: `metrics.jsonl`, the source of truth ({@link dev.saiki.train.metrics.MetricsLog}),
/// and TensorBoard event files made from the same lines ({@link dev.saiki.train.metrics.EventFileWriter}). The names
/// are in {@link dev.saiki.train.metrics.MetricNames}.
package dev.saiki.train.metrics;
