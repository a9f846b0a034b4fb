package dev.saiki.cli.serving;

import dev.saiki.engine.settings.BreakerOptions;
import dev.saiki.engine.settings.EngineOptions;
import java.time.Duration;
import picocli.CommandLine.Option;

/// The options of the router's circuit breaker.
final class BreakerFlags {

    @Option(names = "--no-breaker")
    private boolean off;

    @Option(names = "--drift-limit", paramLabel = "D")
    private double driftLimit = 0.5;

    @Option(names = "--breaker-window", paramLabel = "N")
    private int window = 2048;

    @Option(names = "--breaker-seconds", paramLabel = "S")
    private double coolDownSeconds = 30;

    /// Adds the settings of the breaker.
    EngineOptions addTo(EngineOptions options) {
        Duration coolDown = LimitFlags.seconds("--breaker-seconds", coolDownSeconds, LimitFlags.MAX_SECONDS);
        BreakerOptions breaker = new BreakerOptions(window, driftLimit, coolDown);
        return off ? options : options.toBuilder().breaker(breaker).build();
    }
}
