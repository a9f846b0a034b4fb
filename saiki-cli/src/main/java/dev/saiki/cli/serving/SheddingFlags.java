package dev.saiki.cli.serving;

import dev.saiki.io.InputException;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.server.settings.SheddingOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options for lowering depth under load, and for measuring its effect on quality.
final class SheddingFlags {

    private static final int MAX_SECONDS = 3600;

    @Option(
            names = "--shed-floor",
            paramLabel = "F",
            description =
                    "Under load, new requests that set no depth get less of it, step by step down to this effort, or"
                            + " this share of the recursions for models without effort; 1 disables it (default: 0.5).")
    private double shedFloor = 0.5;

    @Option(
            names = "--shed-from",
            paramLabel = "F",
            description =
                    "Share of the queue (--max-waiting) that is full when this begins, from 0 to 1 (default: 0.25).")
    private double shedFrom = 0.25;

    @Option(
            names = "--target-first-token",
            paramLabel = "S",
            description =
                    "Target time to first token under load, in seconds: depth is reduced from half of it on, down to"
                            + " the floor at all of it; 0 considers the queue only (default: 2).")
    private double targetFirstToken = 2;

    @Option(
            names = "--unready-from",
            paramLabel = "F",
            description =
                    "Answer 503 at /health/ready while at least this share of the queue (--max-waiting) is full, so"
                            + " that a load balancer uses another server before this one refuses requests (default: not"
                            + " ready only while it takes no work).")
    private @Nullable Double unreadyFrom;

    @Option(
            names = "--rescore-fraction",
            paramLabel = "F",
            description =
                    "Share of the answers that are scored again at full depth while the server is idle, to measure what"
                            + " the router's savings cost; 0 for none (default: 0.01).")
    private double rescoreFraction = 0.01;

    /// Adds the options of the command line.
    void addTo(ServerOptions.Builder options) {
        if (!(targetFirstToken >= 0 && targetFirstToken <= MAX_SECONDS)) {
            throw new InputException(
                    "--target-first-token must be from 0 to " + MAX_SECONDS + ", got " + targetFirstToken);
        }
        Duration target = Duration.ofMillis(Math.round(targetFirstToken * 1000));
        if (unreadyFrom != null) {
            options.unreadyFrom(unreadyFrom);
        }
        options.shedding(new SheddingOptions(shedFloor, shedFrom, target)).rescoring(rescoreFraction);
    }
}
