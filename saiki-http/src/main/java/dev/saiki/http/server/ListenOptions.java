package dev.saiki.http.server;

import dev.saiki.io.InputException;
import java.util.Optional;

/// The address that a server listens on, its connection limits, and its TLS files.
///
/// @param host name or address to listen at
/// @param port to listen at; 0 takes a free one
/// @param connections how many there may be, and how long a client may keep the server waiting
/// @param tls what the server proves itself with; empty if it speaks HTTP without TLS
public record ListenOptions(String host, int port, ConnectionLimits connections, Optional<TlsOptions> tls) {

    private static final int GREATEST_PORT = 65_535;

    /// Checks the port.
    ///
    /// @throws InputException naming what is allowed, and what was got
    public ListenOptions {
        if (port < 0 || port > GREATEST_PORT) {
            throw new InputException("the port must be from 0 to " + GREATEST_PORT + ", got " + port);
        }
    }
}
