package dev.saiki.cli.serving;

import dev.saiki.server.settings.ServerOptions;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options for a server's logging and monitoring.
final class MonitoringFlags {

    @Option(names = "--log-format", paramLabel = "NAME")
    private LogFormat logFormat = LogFormat.PLAIN;

    @Option(names = "--access-log")
    private boolean accessLog;

    @Option(names = "--otlp", paramLabel = "URL")
    private @Nullable URI otlp;

    @Option(names = "--vllm-metrics")
    private boolean vllmMetrics;

    /// Starts logging in the chosen format.
    void startLog() {
        logFormat.apply(accessLog);
    }

    LogFormat logFormat() {
        return logFormat;
    }

    /// Adds the options of the command line.
    void addTo(ServerOptions.Builder options) {
        if (vllmMetrics) {
            options.vllmMetrics();
        }
        if (otlp != null) {
            options.otlp(otlp);
        }
    }
}
