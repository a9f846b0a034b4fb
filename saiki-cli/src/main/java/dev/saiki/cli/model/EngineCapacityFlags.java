package dev.saiki.cli.model;

import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.io.InputException;
import picocli.CommandLine.Option;

/// The options for the capacity of a server's engine.
public class EngineCapacityFlags {

    @Option(names = "--cache-mib", paramLabel = "N")
    private int cacheMib = 1024;

    @Option(names = "--max-sequences", paramLabel = "N")
    private int maxSequences = 256;

    @Option(names = "--max-waiting", paramLabel = "N")
    private int maxWaiting = 1024;

    /// Adds the options of the command line.
    public final EngineOptions addTo(EngineOptions options) {
        return options.toBuilder()
                .cacheBytes((long) positive("--cache-mib", cacheMib) << 20)
                .maxSequences(positive("--max-sequences", maxSequences))
                .maxWaiting(positive("--max-waiting", maxWaiting))
                .build();
    }

    /// Checks that a number is at least 1.
    public static int positive(String option, int value) {
        InputException.requireAtLeast(option, value, 1);
        return value;
    }
}
