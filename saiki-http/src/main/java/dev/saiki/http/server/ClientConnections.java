package dev.saiki.http.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.CloseConnectionException;
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
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The open connections of a server. A connection is closed if its client sends nothing, reads nothing, or does
/// not complete a request or TLS handshake in time.
///
/// This class is the server's only selector of connections. With several selectors, Helidon would read from a
/// socket to determine the type of its connection, before the connection is watched.
final class ClientConnections implements ServerConnectionSelector, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnections.class);

    private static final Duration MAX_ROUND = Duration.ofSeconds(1);
    private static final Duration LOOK = Duration.ofMillis(10);

    private final Http1ConnectionSelector http =
            Http1ConnectionSelector.builder().config(Http1Config.create()).build();
    private final ConnectionLimits limits;
    private final Map<Addresses, Beginning> beginning = new ConcurrentHashMap<>();
    private final Set<ClientConnection> open = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("saiki-connections").factory());

    private final AtomicLong accepted = new AtomicLong();
    private volatile boolean ending;
    private volatile long endingSince;

    /// The addresses that identify a connection. A client may use the same local address for connections to
    /// several of the server's addresses.
    private record Addresses(SocketAddress server, SocketAddress client) {}

    /// A socket from which no request has been read; its TLS handshake may be incomplete.
    private record Beginning(SocketChannel channel, long since) {}

    ClientConnections(ConnectionLimits limits) {
        this.limits = limits;
        long shortest = Math.min(
                limits.silence().toMillis(),
                Math.min(limits.head().toMillis(), limits.request().toMillis()));
        long round = Math.clamp(shortest / 4, 1, MAX_ROUND.toMillis());
        ScheduledFuture<?> _ = scheduler.scheduleWithFixedDelay(this::closeSlow, round, round, TimeUnit.MILLISECONDS);
    }

    private void closeSlow() {
        long now = System.nanoTime();
        open.forEach(connection -> connection.closeIfSlow(now, limits));
        beginning.forEach((addresses, socket) -> {
            if (now - socket.since() > limits.silence().toNanos() && beginning.remove(addresses, socket)) {
                ClientConnection.closeSocket(socket.channel());
            }
        });
    }

    /// Watches a socket until its connection starts; with TLS, until the handshake is complete.
    void accepted(SocketChannel channel) {
        accepted.incrementAndGet();
        try {
            Addresses addresses = new Addresses(channel.getLocalAddress(), channel.getRemoteAddress());
            beginning.put(addresses, new Beginning(channel, System.nanoTime()));
        } catch (IOException e) {
            LOG.debug("the client has disconnected", e);
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
        Beginning socket = beginning.remove(new Addresses(
                context.localPeer().address(), context.remotePeer().address()));
        if (socket == null) {
            throw new CloseConnectionException("the client sent nothing for too long; its connection is closed");
        }
        return new ClientConnection(context, socket.channel(), http, this);
    }

    /// Adds a connection.
    void opened(ClientConnection connection) {
        open.add(connection);
    }

    /// Removes a closed connection.
    void closed(ClientConnection connection) {
        open.remove(connection);
    }

    /// Ends each connection after its next response, from now on.
    void end() {
        endingSince = System.nanoTime();
        ending = true;
    }

    /// Whether connections end after their next response.
    boolean isEnding() {
        return ending;
    }

    /// Waits until no connection is open and no client has connected for a given time.
    ///
    /// @param quiet the time without new connections
    /// @param most the longest wait, counted from {@link #end}
    void awaitNone(Duration quiet, Duration most) {
        long seen = -1;
        long since = System.nanoTime();
        while (System.nanoTime() - since < quiet.toNanos() && System.nanoTime() - endingSince < most.toNanos()) {
            long now = accepted.get();
            if (now != seen || !open.isEmpty() || !beginning.isEmpty()) {
                seen = now;
                since = System.nanoTime();
            }
            try {
                Thread.sleep(LOOK);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
    }
}
