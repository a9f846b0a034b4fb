package dev.saiki.server;

import dev.saiki.server.settings.ConnectionLimits;
import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The connections of a server. Closes those whose clients say nothing, take nothing, or never come to the
/// end of a request, or of a TLS handshake.
///
/// It is the only kind of connection there is, so that Helidon does not read from a socket to find out which
/// one it has before the connection is watched.
final class ClientConnections implements ServerConnectionSelector, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnections.class);

    private static final Duration LONGEST_ROUND = Duration.ofSeconds(1);

    private final Http1ConnectionSelector http =
            Http1ConnectionSelector.builder().config(Http1Config.create()).build();
    private final ConnectionLimits limits;
    private final Map<SocketAddress, Beginning> beginning = new ConcurrentHashMap<>();
    private final Set<ClientConnection> open = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService watchman = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("saiki-connections").factory());

    /// A socket that nothing has been read from, but perhaps a TLS handshake that has not ended.
    private record Beginning(SocketChannel channel, long since) {}

    ClientConnections(ConnectionLimits limits) {
        this.limits = limits;
        long shortest = Math.min(limits.silence().toMillis(), limits.request().toMillis());
        long round = Math.clamp(shortest / 4, 1, LONGEST_ROUND.toMillis());
        ScheduledFuture<?> _ = watchman.scheduleWithFixedDelay(this::closeTheSlow, round, round, TimeUnit.MILLISECONDS);
    }

    private void closeTheSlow() {
        long now = System.nanoTime();
        open.forEach(connection -> connection.closeIfSlow(now, limits));
        beginning.forEach((client, socket) -> {
            if (now - socket.since() > limits.silence().toNanos() && beginning.remove(client, socket)) {
                close(socket.channel());
            }
        });
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("a connection could not be closed", e);
        }
    }

    /// Watches a socket until its connection begins: with TLS, until the handshake has ended.
    void accepted(SocketChannel channel) {
        try {
            beginning.put(channel.getRemoteAddress(), new Beginning(channel, System.nanoTime()));
        } catch (IOException e) {
            LOG.debug("a client is gone already", e);
        }
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
        beginning.remove(context.remotePeer().address());
        return new ClientConnection(context, http, open);
    }

    @Override
    public void close() {
        watchman.shutdownNow();
    }
}
