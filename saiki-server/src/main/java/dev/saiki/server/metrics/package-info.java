/// What the server tells monitoring about itself.
///
/// {@link dev.saiki.server.metrics.EngineMonitor} looks at the engine once a second and remembers an hour.
package dev.saiki.server.metrics;
