package dev.saiki.server;

import dev.saiki.server.settings.ConnectionLimits;
import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/// The connections of a server. Closes those whose clients say nothing, take nothing, or never come to the
/// end of a request.
///
/// It is the only kind of connection there is, so that Helidon does not read from a socket to find out which
/// one it has before the connection is watched.
final class ClientConnections implements ServerConnectionSelector, AutoCloseable {

    private static final Duration LONGEST_ROUND = Duration.ofSeconds(1);

    private final Http1ConnectionSelector http =
            Http1ConnectionSelector.builder().config(Http1Config.create()).build();
    private final ConnectionLimits limits;
    private final Set<ClientConnection> open = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService watchman = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("saiki-connections").factory());

    ClientConnections(ConnectionLimits limits) {
        this.limits = limits;
        long shortest = Math.min(limits.silence().toMillis(), limits.request().toMillis());
        long round = Math.clamp(shortest / 4, 1, LONGEST_ROUND.toMillis());
        ScheduledFuture<?> _ = watchman.scheduleWithFixedDelay(this::closeTheSlow, round, round, TimeUnit.MILLISECONDS);
    }

    private void closeTheSlow() {
        long now = System.nanoTime();
        open.forEach(connection -> connection.closeIfSlow(now, limits));
    }

    @Override
    public int bytesToIdentifyConnection() {
        return http.bytesToIdentifyConnection();
    }

    @Override
    public Support supports(BufferData data) {
        return http.supports(data);
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
        return http.supportedApplicationProtocols();
    }

    @Override
    public ServerConnection connection(ConnectionContext context) {
        return new ClientConnection(context, http, open);
    }

    @Override
    public void close() {
        watchman.shutdownNow();
    }
}
