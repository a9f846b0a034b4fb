package dev.saiki.cli.serving;

import dev.saiki.server.settings.ServerOptions;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of what a server tells of itself.
final class MonitoringFlags {

    @Option(
            names = "--log-format",
            paramLabel = "NAME",
            description = "How the log is written to standard error: plain, or json for one object a line"
                    + " (default: plain).")
    private LogFormat logFormat = LogFormat.PLAIN;

    @Option(
            names = "--access-log",
            description = "Log every request when it is answered: client, key, path, status, bytes, time.")
    private boolean accessLog;

    @Option(
            names = "--otlp",
            paramLabel = "URL",
            description = "Tell a collector of traces, which listens here for OTLP over HTTP, what happens to requests"
                    + " (default: nobody is told).")
    private @Nullable URI otlp;

    @Option(names = "--vllm-metrics", description = "Give the series of /metrics vLLM's names too.")
    private boolean vllmMetrics;

    /// Begins to log in the format that was chosen.
    void startLog() {
        logFormat.apply(accessLog);
    }

    LogFormat logFormat() {
        return logFormat;
    }

    /// Adds what was chosen.
    void addTo(ServerOptions.Builder options) {
        if (vllmMetrics) {
            options.vllmMetrics();
        }
        if (otlp != null) {
            options.otlp(otlp);
        }
    }
}
