package dev.saiki.cli.serving;

import dev.saiki.server.settings.ServerOptions;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options for a server's logging and monitoring.
final class MonitoringFlags {

    @Option(
            names = "--log-format",
            paramLabel = "NAME",
            description =
                    "Format of the log on standard error: plain, or json for one object a line (default: " + "plain).")
    private LogFormat logFormat = LogFormat.PLAIN;

    @Option(names = "--access-log", description = "Log each answered request: client, key, path, status, bytes, time.")
    private boolean accessLog;

    @Option(
            names = "--otlp",
            paramLabel = "URL",
            description = "Send traces to this OpenTelemetry collector (OTLP over HTTP; default: off).")
    private @Nullable URI otlp;

    @Option(names = "--vllm-metrics", description = "Also export /metrics under vLLM's names.")
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
