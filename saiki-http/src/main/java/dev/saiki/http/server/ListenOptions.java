package dev.saiki.http.server;

import dev.saiki.io.InputException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/// The address that a server listens on, its connection limits, and its TLS files.
///
/// @param host name or address to listen on
/// @param port the port to listen on; 0 takes any free port
/// @param connections the limits on connections and slow clients
/// @param tls the server's certificate and key; empty for plain HTTP
public record ListenOptions(String host, int port, ConnectionLimits connections, Optional<TlsOptions> tls) {

    private static final int MAX_PORT = 65_535;

    /// Checks the port.
    ///
    /// @throws InputException naming the allowed values and the given one
    public ListenOptions {
        InputException.requireBetween("the port", port, 0, MAX_PORT);
    }

    /// Tells whether only this machine can connect.
    ///
    /// @return whether the host is a loopback address
    public boolean isLocal() {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false; // the server cannot listen there, and fails with its own message
        }
    }
}
