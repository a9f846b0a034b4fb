package dev.saiki.cli.model;

import dev.saiki.engine.settings.CacheFormat;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.io.InputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of commands that run the engine.
public final class EngineFlags {

    @Option(names = "--weights", paramLabel = "TYPE")
    private @Nullable WeightFormat weights;

    @Option(names = "--cache-format", paramLabel = "TYPE")
    private @Nullable CacheFormat cacheFormat;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Number of compute threads, from 1 to " + EngineOptions.MAX_THREADS
                    + "; more threads than processors bring no gain (default: one per processor).")
    private @Nullable Integer threads;

    /// The engine's options from the command line.
    public EngineOptions options() {
        EngineOptions.Builder options = EngineOptions.builder();
        if (weights != null) {
            options.weights(weights);
        }
        if (cacheFormat != null) {
            options.cacheFormat(cacheFormat);
        }
        if (threads != null) {
            InputException.requireBetween("--threads", threads, 1, EngineOptions.MAX_THREADS);
            options.threads(threads);
        }
        return options.build();
    }
}
