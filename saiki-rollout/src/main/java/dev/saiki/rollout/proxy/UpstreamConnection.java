package dev.saiki.rollout.proxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.function.Supplier;
import javax.net.SocketFactory;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A connection to the baseline or the candidate that carries one request at a time. The calling thread itself sends
/// and reads, since a handover to another thread would delay the first byte.
final class UpstreamConnection implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamConnection.class);

    private static final int HTTPS = 443;
    private static final int HTTP = 80;

    private final Origin origin;
    private final Supplier<SocketFactory> tls;
    private final Socket plain;
    private volatile Socket socket;
    private @Nullable ConnectionInput input;
    private volatile long idleSince;

    /// The server of a connection.
    ///
    /// @param isSecure whether the connection uses TLS
    /// @param host name or address
    /// @param port the port, from 1 to 65,535
    record Origin(boolean isSecure, String host, int port) {
        static Origin of(URI address) {
            boolean isSecure = "https".equals(address.getScheme());
            int port = address.getPort() >= 0 ? address.getPort() : isSecure ? HTTPS : HTTP;
            String host = address.getHost();
            return new Origin(isSecure, host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port);
        }

        private URI uri() {
            return URI.create(
                    (isSecure ? "https://" : "http://") + (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
        }
    }

    /// Creates a connection that is not open yet.
    ///
    /// @param tls factory of TLS sockets, which determines the trusted authorities
    UpstreamConnection(Origin origin, Supplier<SocketFactory> tls) {
        this.origin = origin;
        this.tls = tls;
        this.plain = new Socket(proxy(origin));
        this.socket = plain;
    }

    /// The proxy, if the JVM's options name one.
    private static Proxy proxy(Origin origin) {
        ProxySelector selector = ProxySelector.getDefault();
        return selector == null ? Proxy.NO_PROXY : selector.select(origin.uri()).getFirst();
    }

    /// The server of this connection.
    Origin origin() {
        return origin;
    }

    /// Opens the connection.
    ///
    /// @param timeout the longest time to connect
    /// @throws IOException if the connection is refused or the server's certificate is not trusted
    void open(Duration timeout) throws IOException {
        SocketAddress address = new InetSocketAddress(origin.host(), origin.port());
        plain.connect(address, Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE));
        plain.setTcpNoDelay(true);
        plain.setKeepAlive(true);
        if (origin.isSecure()) {
            SSLSocket secured =
                    (SSLSocket) ((SSLSocketFactory) tls.get()).createSocket(plain, origin.host(), origin.port(), true);
            SSLParameters parameters = secured.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secured.setSSLParameters(parameters);
            secured.startHandshake();
            socket = secured;
        }
        input = new ConnectionInput(socket.getInputStream());
    }

    /// The input of the open connection.
    private ConnectionInput input() {
        ConnectionInput open = input;
        if (open == null) {
            throw new IllegalStateException("not open");
        }
        return open;
    }

    /// Sends a request.
    void send(UpstreamRequest request) throws IOException {
        socket.getOutputStream().write(request.bytes());
    }

    /// Waits for the head of an answer.
    AnswerHead head() throws IOException {
        return AnswerHead.read(input());
    }

    /// Returns the body that follows a head.
    AnswerBody body(AnswerHead.Framing framing) {
        return new AnswerBody(input(), framing);
    }

    /// Marks the connection as idle.
    void isIdle(long nanos) {
        idleSince = nanos;
    }

    /// The time at which the connection became idle.
    long idleSince() {
        return idleSince;
    }

    /// Whether the connection looks reusable, as far as that can be found out without sending anything.
    /// Unsolicited bytes are the server's closing message, not the answer to the next request.
    boolean isQuiet() {
        try {
            return !socket.isClosed() && !input().hasMore();
        } catch (IOException e) {
            return false;
        }
    }

    /// Closes the connection; any thread may call this method, and waiting threads then fail. The raw socket
    /// under TLS is closed directly, since TLS's closing message would block if the side no longer reads.
    @Override
    public void close() {
        try {
            plain.close();
        } catch (IOException e) {
            LOG.debug("a connection could not be closed", e);
        }
    }
}
