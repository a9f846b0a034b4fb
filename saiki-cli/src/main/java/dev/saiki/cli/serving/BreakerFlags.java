package dev.saiki.cli.serving;

import dev.saiki.engine.settings.BreakerOptions;
import dev.saiki.engine.settings.EngineOptions;
import java.time.Duration;
import picocli.CommandLine.Option;

/// The options of the router's circuit breaker.
final class BreakerFlags {

    @Option(
            names = "--no-breaker",
            description =
                    "Disable the router's circuit breaker. By default, the breaker replaces the router's depths by the"
                            + " best uniform depth found in validation: for all tokens if scores are not finite, for a"
                            + " key's tokens if the key's depths drift from training. Without the breaker, an answer"
                            + " with non-finite scores fails.")
    private boolean off;

    @Option(
            names = "--drift-limit",
            paramLabel = "D",
            description = "Maximum drift, from 0 to 1: half the sum of the absolute differences between the shares of"
                    + " depths now and in training.")
    private double driftLimit = 0.5;

    @Option(
            names = "--breaker-window",
            paramLabel = "N",
            description = "Number of tokens, from a key's latest distinct prompts, whose depths are compared with"
                    + " training.")
    private int window = 2048;

    @Option(
            names = "--breaker-seconds",
            paramLabel = "S",
            description = "Seconds that an open breaker waits before it tests the router again.")
    private double coolDownSeconds = 30;

    /// Adds the settings of the breaker.
    EngineOptions addTo(EngineOptions options) {
        Duration coolDown = LimitFlags.seconds("--breaker-seconds", coolDownSeconds, LimitFlags.MAX_SECONDS);
        BreakerOptions breaker = new BreakerOptions(window, driftLimit, coolDown);
        return off ? options : options.toBuilder().breaker(breaker).build();
    }
}
