package dev.saiki.cli.serving;

import dev.saiki.engine.settings.BreakerOptions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.io.InputException;
import java.time.Duration;
import picocli.CommandLine.Option;

/// The options of the router's circuit breaker.
final class BreakerFlags {

    private static final double LONGEST_SECONDS = 1e6;

    @Option(
            names = "--no-breaker",
            description = "Follow the router whatever it does; answers fail if it computes no numbers (default: if its"
                    + " scores are not finite, or the depths of a key's prompts not as in training, every token takes"
                    + " the depth that was best for all in validation).")
    private boolean off;

    @Option(
            names = "--drift-limit",
            paramLabel = "D",
            description = "Most distance of the depths from those of training, from 0 to 1: half the sum of the"
                    + " differences of their shares (default: 0.5).")
    private double driftLimit = 0.5;

    @Option(
            names = "--breaker-window",
            paramLabel = "N",
            description = "Tokens of a key's newest distinct prompts whose depths are judged together (default: 2048).")
    private int window = 2048;

    @Option(
            names = "--breaker-seconds",
            paramLabel = "S",
            description =
                    "Time for which an open breaker ignores the router before it tests it again (default: " + "30).")
    private double coolDownSeconds = 30;

    /// Adds the settings of the breaker.
    EngineOptions addTo(EngineOptions options) {
        if (!(coolDownSeconds >= 0 && coolDownSeconds <= LONGEST_SECONDS)) {
            throw new InputException(
                    "--breaker-seconds must be from 0 to " + (int) LONGEST_SECONDS + ", got " + coolDownSeconds);
        }
        BreakerOptions breaker =
                new BreakerOptions(window, driftLimit, Duration.ofMillis(Math.round(coolDownSeconds * 1000)));
        return off ? options : options.toBuilder().breaker(breaker).build();
    }
}
