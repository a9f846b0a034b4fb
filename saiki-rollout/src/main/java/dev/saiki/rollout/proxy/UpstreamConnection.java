package dev.saiki.rollout.proxy;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.function.Supplier;
import javax.net.SocketFactory;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.SocketHolder;
import org.apache.hc.core5.http.message.MessageSupport;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A connection to the baseline or the candidate that carries one request at a time. The calling thread itself sends
/// and reads, since a handover to another thread would delay the first byte.
final class UpstreamConnection extends DefaultBHttpClientConnection {

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamConnection.class);

    private static final Http1Config LIMITS = Http1Config.custom()
            .setBufferSize(1 << 13)
            .setMaxLineLength(1 << 14)
            .setMaxHeaderCount(200)
            .build();

    private static final int HTTPS = 443;
    private static final int HTTP = 80;

    private final URI side;
    private final Supplier<SocketFactory> tls;
    private final Socket plain;
    private @Nullable Input input;

    /// The bytes of a socket.
    private static final class Input extends FilterInputStream {

        private boolean ended;
        private boolean isPeeked;

        Input(InputStream input) {
            super(input);
        }

        @Override
        public int read(byte[] bytes, int offset, int max) throws IOException {
            if (isPeeked && in.available() == 0) {
                throw new SocketTimeoutException("nothing has arrived");
            }
            int count = in.read(bytes, offset, max);
            ended |= count < 0;
            return count;
        }
    }

    /// Creates a connection that is not open yet.
    ///
    /// @param side any address of the side
    /// @param tls factory of TLS sockets, which determines the trusted authorities
    UpstreamConnection(URI side, Supplier<SocketFactory> tls) {
        super(LIMITS);
        this.side = side;
        this.tls = tls;
        this.plain = new Socket(proxy(side));
    }

    /// The proxy, if the JVM's options name one.
    private static Proxy proxy(URI side) {
        ProxySelector selector = ProxySelector.getDefault();
        return selector == null ? Proxy.NO_PROXY : selector.select(side).getFirst();
    }

    /// Opens the connection.
    ///
    /// @param timeout the longest time to connect
    /// @throws IOException if the connection is refused or the server's certificate is not trusted
    void open(Duration timeout) throws IOException {
        boolean isSecure = "https".equals(side.getScheme());
        int port = side.getPort() >= 0 ? side.getPort() : isSecure ? HTTPS : HTTP;
        plain.connect(
                new InetSocketAddress(side.getHost(), port), Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE));
        plain.setTcpNoDelay(true);
        plain.setKeepAlive(true);
        Socket socket = isSecure ? secured(port) : plain;
        Input bytes = new Input(socket.getInputStream());
        bind(new SocketHolder(socket) {
            @Override
            protected InputStream getInputStream(Socket same) {
                return bytes;
            }
        });
        input = bytes;
    }

    private Socket secured(int port) throws IOException {
        SSLSocket secured = (SSLSocket) ((SSLSocketFactory) tls.get()).createSocket(plain, side.getHost(), port, true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        return secured;
    }

    /// The input of the open connection.
    private Input input() {
        Input open = input;
        if (open == null) {
            throw new IllegalStateException("not open");
        }
        return open;
    }

    /// Sends a request.
    void send(UpstreamRequest request) throws IOException {
        try {
            ClassicHttpRequest message = request.message();
            sendRequestHeader(message);
            sendRequestEntity(message);
            flush();
        } catch (HttpException e) {
            throw new IOException(e);
        }
    }

    /// Waits for the head of the final answer, skipping interim (1xx) answers.
    ///
    /// @param method the method of the request
    /// @throws ProtocolException if the answer is not HTTP, or breaks off within its head
    /// @throws IOException if the connection closes before the answer
    ClassicHttpResponse receive(String method) throws IOException {
        try {
            ClassicHttpResponse head = receiveResponseHeader();
            while (head.getCode() < HttpStatus.SC_SUCCESS && head.getCode() != HttpStatus.SC_SWITCHING_PROTOCOLS) {
                head = receiveResponseHeader();
            }
            if (hasEnded() || head.getCode() == HttpStatus.SC_SWITCHING_PROTOCOLS) {
                throw new ProtocolException("not a whole head of status 200 or more");
            }
            if (MessageSupport.canResponseHaveBody(method, head)) {
                receiveResponseEntity(head);
            }
            return head;
        } catch (HttpException | MessageConstraintException e) {
            throw (IOException) new ProtocolException(e.getMessage()).initCause(e);
        }
    }

    /// Whether the side has closed the connection, as far as that has been read. The library takes a head or a
    /// last chunk that breaks off between two lines for a whole one.
    boolean hasEnded() {
        return input().ended;
    }

    /// Whether the connection looks reusable, as far as that can be found out without sending anything or waiting.
    /// Unsolicited bytes are the server's closing message, not the answer to the next request.
    boolean isQuiet() {
        Input bytes = input();
        bytes.isPeeked = true;
        try {
            return !isDataAvailable(Timeout.ONE_MILLISECOND);
        } catch (IOException e) {
            return false;
        } finally {
            bytes.isPeeked = false;
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

    @Override
    public void close(CloseMode mode) {
        close();
    }
}
