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

/// An HTTP server that passes each request to a handler on its own virtual thread, closes stalled connections, and
/// tells the handler when its client disconnects.
public final class ExchangeServer implements AutoCloseable {

    /// A peer that vanished without a word is noticed in a minute: it is asked after half of one, three times.
    private static final int KEEP_ALIVE_IDLE_SECONDS = 30;

    private static final int KEEP_ALIVE_INTERVAL_SECONDS = 10;
    private static final int KEEP_ALIVE_COUNT = 3;

    /// How long a client that still sends requests is told that the server ends, before the port is closed.
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    /// How long nobody has connected when the port is closed before that: who connects just then is reset.
    private static final Duration QUIET = Duration.ofMillis(100);

    /// How long a client may take to send its request that has connected just before the port was closed.
    private static final Duration LAST_REQUESTS = Duration.ofMillis(250);

    private final WebServer http;
    private final ClientConnections connections;

    private ExchangeServer(WebServer http, ClientConnections connections) {
        this.http = http;
        this.connections = connections;
    }

    /// Begins to listen.
    ///
    /// @param options the address, and what connections are granted
    /// @param handler answers a request, or leaves it unanswered if its client is gone; throws only within
    ///     an answer that cannot be ended, of which the client is told by the end of its connection
    /// @return the server, to be closed
    /// @throws InputException if the host is unknown, the port is taken, or the files of TLS are no certificate and
    ///     its key
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
                // What streams write is a piece already, and one that is empty sends the head.
                .writeBufferSize(0)
                .maxTcpConnections(options.connections().most())
                // Streams, not channels: TLS on those cannot read ahead while it writes.
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
            // Helidon logs why, and goes on.
            http.stop();
            throw new InputException("port " + options.port() + " of " + options.host()
                    + " is in use, or the address is not this machine's");
        }
        return http;
    }

    private static void answer(Consumer<Exchange> handler, HelidonExchange exchange) {
        ClientConnection client = ClientConnection.current();
        client.answering(true);
        try {
            handler.accept(exchange);
        } catch (RuntimeException e) {
            if (exchange.isAnswered()) {
                // Half an answer must not look like a whole one.
                throw new CloseConnectionException("the answer was interrupted", e);
            }
            throw e;
        } finally {
            client.answering(false);
        }
        if (!exchange.isAnswered()) {
            // Helidon would complain of a handler that answers nothing.
            throw new CloseConnectionException("the client is gone");
        }
        if (exchange.isLast()) {
            exchange.takeRest();
            client.endAfterLastRequest();
        }
    }

    private static SocketOptions socketOptions() {
        return SocketOptions.builder()
                // A small piece does not wait until the client has said that it has the one before.
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

    /// What never comes to a handler, such as a request that is no HTTP, or one whose body is compressed,
    /// is answered in the same form.
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

    /// A transfer encoding that is not known is the request's fault, not the server's.
    private static Status known(Status status) {
        return status.code() == Status.NOT_IMPLEMENTED_501.code() ? Status.BAD_REQUEST_400 : status;
    }

    /// Returns where it listens.
    ///
    /// @return the port
    public int port() {
        return http.port();
    }

    /// Ends each connection behind its next answer from now on, and says so there (`Connection: close`). It goes on
    /// listening: a client whose connection was closed while it sent a request could not know whether it was read.
    public void endConnections() {
        connections.end();
    }

    /// Waits until no client is connected and none has come for a tenth of a second, or a second has passed since
    /// {@link #endConnections}: who has sent no request meanwhile is idle.
    ///
    /// @param most how long at most after {@link #endConnections}
    public void awaitFarewell(Duration most) {
        connections.awaitNone(QUIET, most.compareTo(FAREWELL) < 0 ? most : FAREWELL);
    }

    /// Stops listening, and cuts off what is at work. Where {@link #endConnections} came before, a client that has
    /// connected still has a quarter of a second for its request.
    @Override
    public void close() {
        http.stop();
        connections.close();
    }
}
