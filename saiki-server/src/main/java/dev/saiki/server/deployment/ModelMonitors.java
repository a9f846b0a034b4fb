package dev.saiki.server.deployment;

import dev.saiki.server.metrics.EngineMonitor;
import dev.saiki.server.metrics.ServerMetrics;

/// A model's name with its metrics and monitors, which outlive reloads.
///
/// @param model the name of the model in requests
/// @param metrics the metrics of the model
/// @param watch the monitor that samples the model's engine every second
/// @param rescorer the rescorer, which scores a share of the model's answers again
public record ModelMonitors(String model, ServerMetrics metrics, EngineMonitor watch, Rescorer rescorer)
        implements AutoCloseable {

    /// Stops sampling.
    @Override
    public void close() {
        rescorer.close();
        watch.close();
    }
}
