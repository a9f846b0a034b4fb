package dev.saiki.cli.serving;

import dev.saiki.cli.model.EngineCapacityFlags;
import dev.saiki.io.InputException;
import dev.saiki.server.settings.RequestLimits;
import dev.saiki.server.settings.ServerOptions;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options for a server's limits: concurrency, memory and time.
public final class LimitFlags extends EngineCapacityFlags {

    /// The maximum of options in seconds.
    public static final int MAX_SECONDS = 1_000_000;

    private static final int BYTES_A_MIB = 1 << 20;

    @Option(names = "--memory-mib", paramLabel = "N")
    private @Nullable Integer memoryMib;

    @Option(names = "--max-choices", paramLabel = "N")
    private int maxChoices = 128;

    @Option(names = "--max-answer-tokens", paramLabel = "N")
    private long maxAnswerTokens = 1048576;

    @Option(names = "--max-body-bytes", paramLabel = "N")
    private int maxBodyBytes = 4194304;

    @Option(names = "--request-seconds", paramLabel = "S")
    private double requestSeconds = 600;

    /// The memory for all models, if it is limited.
    OptionalLong memoryBytes() {
        return memoryMib == null
                ? OptionalLong.empty()
                : OptionalLong.of((long) positive("--memory-mib", memoryMib) * BYTES_A_MIB);
    }

    /// Adds the options of the command line.
    void addTo(ServerOptions.Builder options) {
        options.limits(new RequestLimits(
                maxBodyBytes, maxChoices, maxAnswerTokens, seconds("--request-seconds", requestSeconds, MAX_SECONDS)));
    }

    /// Checks a time and converts it.
    ///
    /// @param option the option's name, for messages
    /// @param seconds the time in seconds
    /// @param most the maximum in seconds
    /// @return the time
    /// @throws InputException if the time is negative or above the maximum
    public static Duration seconds(String option, double seconds, int most) {
        InputException.require(seconds >= 0 && seconds <= most, option, "from 0 to " + most, seconds);
        return Duration.ofMillis(Math.round(seconds * 1000));
    }
}
