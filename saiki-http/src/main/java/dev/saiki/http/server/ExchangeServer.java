package dev.saiki.http.server;

import dev.saiki.http.ApiException;
import dev.saiki.http.Exchange;
import dev.saiki.http.Json;
import dev.saiki.io.InputException;
import io.helidon.common.socket.SocketOptions;
import io.helidon.common.tls.Tls;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;

/// An HTTP server that runs a handler for each request, on the virtual thread of the connection. The server closes
/// stalled connections, and notifies a handler when its client disconnects.
public final class ExchangeServer implements AutoCloseable {

    /// The idle time after which TCP probes a peer, in seconds. With three probes at intervals of ten seconds, a
    /// peer that vanished without closing its connection is detected within a minute.
    private static final int KEEP_ALIVE_IDLE_SECONDS = 30;

    private static final int KEEP_ALIVE_INTERVAL_SECONDS = 10;
    private static final int KEEP_ALIVE_COUNT = 3;

    /// The maximum time between {@link #endConnections} and closing the port, during which each response announces
    /// that its connection closes.
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

    /// The time without any connection after which the port is closed early. A client that connects at the moment
    /// of closing is reset.
    private static final Duration QUIET = Duration.ofMillis(100);

    /// The time in which a client that connected just before the port was closed must send its request.
    private static final Duration LAST_REQUESTS = Duration.ofMillis(250);

    private final WebServer http;
    private final ClientConnections connections;

    private ExchangeServer(WebServer http, ClientConnections connections) {
        this.http = http;
        this.connections = connections;
    }

    /// Starts to listen.
    ///
    /// @param options the address, TLS and limits on connections
    /// @param handler answers each request unless its client has disconnected. It throws an exception only if it
    ///     cannot complete a response that it has started; the connection is then closed, so that the client
    ///     detects the failure
    /// @return the server, to be closed
    /// @throws InputException if the host is unknown, the port is in use, or the TLS files are not a certificate
    ///     and its key
    public static ExchangeServer start(ListenOptions options, Consumer<Exchange> handler) {
        ClientConnections connections = new ClientConnections(options.connections());
        try {
            return new ExchangeServer(listening(options, handler, connections), connections);
        } catch (RuntimeException e) {
            connections.close();
            throw e;
        }
    }

    private static WebServer listening(
            ListenOptions options, Consumer<Exchange> handler, ClientConnections connections) {
        WebServer http = WebServer.builder()
                .tls(options.tls().map(Certificates::tls).orElseGet(ExchangeServer::noTls))
                .address(address(options.host()))
                .port(options.port())
                .shutdownHook(false)
                .shutdownGracePeriod(LAST_REQUESTS)
                .maxPayloadSize(-1)
                // No write buffer: streams write whole pieces, and an empty write must send the headers.
                .writeBufferSize(0)
                .maxTcpConnections(options.connections().most())
                // Uses socket streams: with channels, a TLS connection cannot read ahead while it writes.
                .useNio(false)
                .connectionOptions(new AcceptedSockets(socketOptions(), connections::accepted))
                .protocolsDiscoverServices(false)
                .addConnectionSelector(connections)
                .directHandlers(directHandlers())
                .routing(routing -> routing.any((request, response) ->
                        answer(handler, new HelidonExchange(request, response, connections::isEnding))))
                .build();
        http.start();
        if (!http.isRunning()) {
            // Helidon has logged the cause without throwing an exception.
            http.stop();
            throw new InputException("port " + options.port() + " of " + options.host()
                    + " is in use or not permitted, or this host is not an address of this machine");
        }
        return http;
    }

    private static void answer(Consumer<Exchange> handler, HelidonExchange exchange) {
        ClientConnection client = ClientConnection.current();
        client.answering(true);
        try {
            handle(handler, exchange);
            exchange.readRest();
        } finally {
            client.answering(false);
        }
        if (exchange.isLast()) {
            client.endAfterLastRequest();
        }
    }

    private static void handle(Consumer<Exchange> handler, HelidonExchange exchange) {
        try {
            handler.accept(exchange);
        } catch (RuntimeException e) {
            if (exchange.isAnswered()) {
                // Closes the connection, because a truncated answer must not look complete.
                throw new CloseConnectionException("the answer was interrupted", e);
            }
            throw e;
        }
        if (!exchange.isAnswered()) {
            // Without this exception, Helidon would log an error because the handler sent no response.
            throw new CloseConnectionException("the client is gone");
        }
    }

    private static SocketOptions socketOptions() {
        return SocketOptions.builder()
                // Disables Nagle's algorithm, so that a small write does not wait for the acknowledgement of the
                // previous one.
                .tcpNoDelay(true)
                .socketKeepAlive(true)
                .putSocketOption(ExtendedSocketOptions.TCP_KEEPIDLE, KEEP_ALIVE_IDLE_SECONDS)
                .putSocketOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEP_ALIVE_INTERVAL_SECONDS)
                .putSocketOption(ExtendedSocketOptions.TCP_KEEPCOUNT, KEEP_ALIVE_COUNT)
                .build();
    }

    private static Tls noTls() {
        return Tls.builder().enabled(false).build();
    }

    private static InetAddress address(String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new InputException("host " + host + ": must be a name or an address of this machine", e);
        }
    }

    /// Reports errors in requests that never reach a handler, such as invalid HTTP or a compressed body, in the
    /// format of {@link ApiException}.
    private static DirectHandlers directHandlers() {
        DirectHandler handler = (request, event, status, headers, message) -> {
            boolean packed = request.headers().contains(HeaderNames.CONTENT_ENCODING);
            ApiException refusal =
                    packed ? ApiException.packed() : ApiException.invalid("the request is not valid HTTP", null);
            if (packed) {
                headers.set(HeaderNames.ACCEPT_ENCODING, "identity");
            }
            return DirectHandler.TransportResponse.builder()
                    .status(packed ? Status.UNSUPPORTED_MEDIA_TYPE_415 : known(status))
                    .headers(headers)
                    .header(HeaderNames.CONTENT_TYPE, Json.CONTENT_TYPE)
                    .keepAlive(false)
                    .entity(Json.bytes(refusal.toJson()))
                    .build();
        };
        DirectHandlers.Builder handlers = DirectHandlers.builder();
        List.of(DirectHandler.EventType.values()).forEach(event -> handlers.addHandler(event, handler));
        return handlers.build();
    }

    /// Maps status 501, for an unknown transfer encoding, to 400: the request is at fault, not the server.
    private static Status known(Status status) {
        return status.code() == Status.NOT_IMPLEMENTED_501.code() ? Status.BAD_REQUEST_400 : status;
    }

    /// Returns the port that the server listens on.
    ///
    /// @return the port
    public int port() {
        return http.port();
    }

    /// Ends each connection after its next response, which announces the end (`Connection: close`). The
    /// server continues to listen. Closing a connection while its client sends a request would leave the
    /// client uncertain whether the request was read.
    public void endConnections() {
        connections.end();
    }

    /// Waits until no client is connected and no client has connected for a tenth of a second, or until a
    /// second has passed since {@link #endConnections}. A client that has sent no request by the end of that
    /// second counts as idle.
    ///
    /// @param most the longest wait after {@link #endConnections}, if shorter than a second
    public void awaitClosed(Duration most) {
        connections.awaitNone(QUIET, most.compareTo(CLOSE_TIMEOUT) < 0 ? most : CLOSE_TIMEOUT);
    }

    /// Stops listening, and cancels the requests in flight. After {@link #endConnections}, a client that is
    /// already connected still has a quarter of a second to send its request.
    @Override
    public void close() {
        http.stop();
        connections.close();
    }
}
