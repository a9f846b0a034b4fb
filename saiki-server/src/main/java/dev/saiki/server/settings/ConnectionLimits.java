package dev.saiki.server.settings;

import dev.saiki.io.InputException;
import java.time.Duration;

/// How long a client may keep the server waiting before its connection is closed.
///
/// @param silence longest time that it may send nothing while a request of its is waited for, or take nothing
///     of an answer that is there
/// @param request longest time from the first byte of a request to the last
public record ConnectionLimits(Duration silence, Duration request) {

    /// A minute of silence, five minutes for a request.
    public static final ConnectionLimits DEFAULT = new ConnectionLimits(Duration.ofMinutes(1), Duration.ofMinutes(5));

    private static final int MOST_DAYS = 1;

    /// Checks both times.
    ///
    /// @throws InputException naming the time, what is allowed, and what was got
    public ConnectionLimits {
        requireBounded("silence", silence);
        requireBounded("request", request);
    }

    private static void requireBounded(String name, Duration time) {
        if (time.toMillis() < 1 || time.compareTo(Duration.ofDays(MOST_DAYS)) > 0) {
            throw InputException.of("connection limits", name, "from 1 ms to a day", time);
        }
    }
}
