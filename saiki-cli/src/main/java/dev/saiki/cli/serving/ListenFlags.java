package dev.saiki.cli.serving;

import dev.saiki.http.server.ConnectionLimits;
import dev.saiki.http.server.TlsOptions;
import dev.saiki.io.InputException;
import dev.saiki.server.settings.ServerOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options for a server's address and TLS certificate.
final class ListenFlags {

    private static final int MAX_SECONDS = 3600;

    @Option(names = "--host", paramLabel = "ADDRESS")
    private String host = "127.0.0.1";

    @Option(names = "--port", paramLabel = "N")
    private int port = ServerOptions.DEFAULT_PORT;

    @Option(names = "--tls-certificate", paramLabel = "FILE")
    private @Nullable Path tlsCertificate;

    @Option(names = "--tls-key", paramLabel = "FILE")
    private @Nullable Path tlsKey;

    @Option(names = "--max-connections", paramLabel = "N")
    private int maxConnections = 4096;

    @Option(names = "--warm-up-seconds", paramLabel = "S")
    private double warmUpSeconds = 30;

    /// Adds the options of the command line.
    void addTo(ServerOptions.Builder options) {
        Duration warmUp = LimitFlags.seconds("--warm-up-seconds", warmUpSeconds, MAX_SECONDS);
        options.at(host, port)
                .connections(ConnectionLimits.DEFAULT.withMost(maxConnections))
                .warmUp(warmUp);
        if ((tlsCertificate == null) != (tlsKey == null)) {
            String missing = tlsKey == null ? "--tls-key" : "--tls-certificate";
            throw new InputException("--tls-certificate and --tls-key must be given together, got one of them; add "
                    + missing + " FILE, or leave both out and serve plain HTTP");
        }
        if (tlsCertificate != null && tlsKey != null) {
            options.tls(new TlsOptions(tlsCertificate, tlsKey));
        }
    }
}
