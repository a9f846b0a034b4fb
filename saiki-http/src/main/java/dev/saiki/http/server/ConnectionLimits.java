package dev.saiki.http.server;

import dev.saiki.io.InputException;
import java.time.Duration;

/// The limits on connections: their number, and the times after which a slow client is disconnected.
///
/// @param most the maximum number of open connections, including those in a TLS handshake; further
///     connections wait, and nothing is read from them
/// @param silence longest time in which a client sends no byte, between or within requests, or reads no byte of
///     a response
/// @param head longest time from the first byte of a request to the end of its headers
/// @param request longest time from the first byte of a request to the last
public record ConnectionLimits(int most, Duration silence, Duration head, Duration request) {

    /// The defaults: 4096 connections, a minute of silence, 20 seconds for headers, five minutes for a request.
    public static final ConnectionLimits DEFAULT =
            new ConnectionLimits(4096, Duration.ofMinutes(1), Duration.ofSeconds(20), Duration.ofMinutes(5));

    private static final int MAX_DAYS = 1;

    /// Checks the number and the times.
    ///
    /// @throws InputException naming the limit, the allowed values and the given one
    public ConnectionLimits {
        InputException.requireAtLeast("connection limits: connections", most, 1);
        requireBounded("silence", silence);
        requireBounded("head", head);
        requireBounded("request", request);
    }

    /// Returns these limits with another number of connections.
    ///
    /// @param connections the maximum number of connections open at the same time
    /// @return changed limits
    public ConnectionLimits withMost(int connections) {
        return new ConnectionLimits(connections, silence, head, request);
    }

    /// Returns these limits with another time for headers.
    ///
    /// @param time from the first byte of a request to the end of its headers
    /// @return changed limits
    public ConnectionLimits withHead(Duration time) {
        return new ConnectionLimits(most, silence, time, request);
    }

    private static void requireBounded(String name, Duration time) {
        if (time.toMillis() < 1 || time.compareTo(Duration.ofDays(MAX_DAYS)) > 0) {
            throw InputException.of("connection limits", name, "from 1 ms to a day", time);
        }
    }
}
