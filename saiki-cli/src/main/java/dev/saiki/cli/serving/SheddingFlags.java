package dev.saiki.cli.serving;

import dev.saiki.io.InputException;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.server.settings.SheddingOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options for lowering depth under load, and for measuring how much quality the router's savings cost.
final class SheddingFlags {

    private static final int MAX_SECONDS = 3600;

    @Option(
            names = "--shed-floor",
            paramLabel = "F",
            description = "Lowest effort under load, or lowest share of the recursions for models without effort. Depth"
                    + " is reduced gradually, only for new requests that set no depth, or only the default effort; 1:"
                    + " never.")
    private double shedFloor = 0.5;

    @Option(
            names = "--shed-from",
            paramLabel = "F",
            description = "Depth reduction starts at the latest when this share of the queue (--max-waiting) is full.")
    private double shedFrom = 0.25;

    @Option(
            names = "--target-first-token",
            paramLabel = "S",
            description = "Target time to first token, in seconds. Depth reduction starts at half the target and"
                    + " reaches --shed-floor at the target; 0: only the queue counts.")
    private double targetFirstToken = 2;

    @Option(
            names = "--unready-from",
            paramLabel = "F",
            description =
                    "Answer 503 at /health/ready while at least this share of the queue (--max-waiting) is full, so"
                            + " that a load balancer uses another server before this one refuses requests (default: the"
                            + " queue does not affect readiness).")
    private @Nullable Double unreadyFrom;

    @Option(
            names = "--rescore-fraction",
            paramLabel = "F",
            description = "Share of the answers that are scored again at full depth while the server is idle, to"
                    + " measure what the router's savings cost; 0 for none.")
    private double rescoreFraction = 0.01;

    @Option(
            names = "--effort-evidence",
            paramLabel = "DIR",
            description = "With --effort certified: folder for the evidence that live answers give about the"
                    + " certificate, and for its revocation; one folder for each server (default: the model's folder).")
    private @Nullable Path effortEvidence;

    /// Adds the options of the command line.
    ///
    /// @param certified whether the model is served as certified
    void addTo(ServerOptions.Builder options, boolean certified) {
        Duration target = LimitFlags.seconds("--target-first-token", targetFirstToken, MAX_SECONDS);
        if (effortEvidence != null) {
            if (!certified) {
                throw new InputException("--effort-evidence needs --effort certified");
            }
            options.effortEvidence(effortEvidence);
        }
        if (unreadyFrom != null) {
            options.unreadyFrom(unreadyFrom);
        }
        options.shedding(new SheddingOptions(shedFloor, shedFrom, target)).rescoring(rescoreFraction);
    }
}
