package dev.saiki.cli.serving;

import dev.saiki.io.InputException;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.server.settings.SheddingOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options for lowering depth under load, and for measuring its effect on quality.
final class SheddingFlags {

    private static final int MOST_SECONDS = 3600;

    @Option(
            names = "--shed-floor",
            paramLabel = "F",
            description =
                    "While others wait long or many wait, new requests that say nothing about depth get less of it, step by step down"
                            + " to this effort, or this share of the recursions where there is no such dial; 1 sheds nothing"
                            + " (default: 0.5).")
    private double shedFloor = 0.5;

    @Option(
            names = "--shed-from",
            paramLabel = "F",
            description = "How full the queue of --max-waiting is when that begins, from 0 to 1 (default: 0.25).")
    private double shedFrom = 0.25;

    @Option(
            names = "--target-first-token",
            paramLabel = "S",
            description = "Longest that a request should wait for its first token while others are at work, in seconds:"
                    + " depth is shed when one has waited for half of that, down to the floor at all of it; 0 looks at"
                    + " the queue alone (default: 2).")
    private double targetFirstToken = 2;

    @Option(
            names = "--unready-from",
            paramLabel = "F",
            description =
                    "Say 503 at /health/ready while the queue of --max-waiting is as full as this share, so that a"
                            + " balancer sends requests to another server before this one refuses any (default: only a server"
                            + " that takes no work is not ready).")
    private @Nullable Double unreadyFrom;

    @Option(
            names = "--rescore-fraction",
            paramLabel = "F",
            description = "Share of the answers that are scored again at full depth when nobody waits, to measure what"
                    + " the router's savings cost; 0 for none (default: 0.01).")
    private double rescoreFraction = 0.01;

    /// Adds the options of the command line.
    void addTo(ServerOptions.Builder options) {
        if (!(targetFirstToken >= 0 && targetFirstToken <= MOST_SECONDS)) {
            throw new InputException(
                    "--target-first-token must be from 0 to " + MOST_SECONDS + ", got " + targetFirstToken);
        }
        Duration target = Duration.ofMillis(Math.round(targetFirstToken * 1000));
        if (unreadyFrom != null) {
            options.unreadyFrom(unreadyFrom);
        }
        options.shedding(new SheddingOptions(shedFloor, shedFrom, target)).rescoring(rescoreFraction);
    }
}
