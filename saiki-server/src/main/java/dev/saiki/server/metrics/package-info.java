/// The metrics of a server.
///
/// {@link dev.saiki.server.metrics.EngineMonitor} samples the engine once a second and keeps an hour of samples.
package dev.saiki.server.metrics;
