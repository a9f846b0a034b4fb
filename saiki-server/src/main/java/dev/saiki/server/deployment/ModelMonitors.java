package dev.saiki.server.deployment;

import dev.saiki.server.metrics.EngineMonitor;
import dev.saiki.server.metrics.ServerMetrics;

/// A model's name with its metrics and monitors, which outlive reloads.
///
/// @param model what requests call it
/// @param metrics its measurements
/// @param watch looks at its engine once a second
/// @param rescorer scores some of its answers again
public record ModelMonitors(String model, ServerMetrics metrics, EngineMonitor watch, Rescorer rescorer)
        implements AutoCloseable {

    /// Looks no more.
    @Override
    public void close() {
        rescorer.close();
        watch.close();
    }
}
