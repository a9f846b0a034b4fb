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

    @Option(names = "--shed-floor", paramLabel = "F")
    private double shedFloor = 0.5;

    @Option(names = "--shed-from", paramLabel = "F")
    private double shedFrom = 0.25;

    @Option(names = "--target-first-token", paramLabel = "S")
    private double targetFirstToken = 2;

    @Option(names = "--unready-from", paramLabel = "F")
    private @Nullable Double unreadyFrom;

    @Option(names = "--rescore-fraction", paramLabel = "F")
    private double rescoreFraction = 0.01;

    @Option(names = "--effort-evidence", paramLabel = "DIR")
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
