package dev.saiki.http.server;

import dev.saiki.io.InputException;
import java.time.Duration;

/// The bounds on connections: how many there may be, and how long a client may keep the server waiting before its
/// own is closed.
///
/// @param most connections at the same time, those in a TLS handshake counted; others wait, unread, for a
///     place
/// @param silence longest time that it may send nothing while a request of its is waited for, or take
///     nothing of an answer that is there
/// @param request longest time from the first byte of a request to the last
public record ConnectionLimits(int most, Duration silence, Duration request) {

    /// 4096 connections, a minute of silence, five minutes for a request.
    public static final ConnectionLimits DEFAULT =
            new ConnectionLimits(4096, Duration.ofMinutes(1), Duration.ofMinutes(5));

    private static final int MOST_DAYS = 1;

    /// Checks the number and both times.
    ///
    /// @throws InputException naming the limit, what is allowed, and what was got
    public ConnectionLimits {
        if (most < 1) {
            throw InputException.of("connection limits", "connections", "at least 1", most);
        }
        requireBounded("silence", silence);
        requireBounded("request", request);
    }

    /// Replaces how many connections there may be.
    ///
    /// @param connections at the same time
    /// @return changed limits
    public ConnectionLimits withMost(int connections) {
        return new ConnectionLimits(connections, silence, request);
    }

    private static void requireBounded(String name, Duration time) {
        if (time.toMillis() < 1 || time.compareTo(Duration.ofDays(MOST_DAYS)) > 0) {
            throw InputException.of("connection limits", name, "from 1 ms to a day", time);
        }
    }
}
