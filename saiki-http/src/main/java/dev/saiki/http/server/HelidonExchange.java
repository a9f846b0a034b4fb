package dev.saiki.http.server;

import dev.saiki.http.ClientGoneException;
import dev.saiki.http.Exchange;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/// An exchange backed by Helidon.
final class HelidonExchange implements Exchange {

    private final ServerRequest request;
    private final ServerResponse response;
    private final BooleanSupplier ending;
    private IntConsumer beforeSending = _ -> {};
    private boolean answered;
    private boolean saidEnd;
    private OptionalInt sentStatus = OptionalInt.empty();
    private long sentBytes;

    /// Wraps a request and its response.
    ///
    /// @param ending whether the server is shutting down, and closes the connection after the response
    HelidonExchange(ServerRequest request, ServerResponse response, BooleanSupplier ending) {
        this.request = request;
        this.response = response;
        this.ending = ending;
    }

    /// Whether the connection is closed after the response, because the client requested that or the response
    /// announces it.
    boolean isLast() {
        return saidEnd || wantsEnd();
    }

    private boolean wantsEnd() {
        return header("Connection").stream()
                .flatMap(value -> Arrays.stream(value.split(",", -1)))
                .anyMatch(option -> option.strip().equalsIgnoreCase("close"));
    }

    /// Whether a response has been started.
    boolean isAnswered() {
        return answered;
    }

    /// Reads the rest of the request; otherwise, closing the connection might destroy the response. The rest
    /// is not read if the response refuses the request and announces that the connection closes.
    void readRest() {
        boolean closes = !isLast() && response.headers().containsToken(HeaderValues.CONNECTION_CLOSE);
        if (closes || !request.content().hasEntity() || request.content().consumed()) {
            return;
        }
        try {
            request.content().consume();
        } catch (RuntimeException e) {
            throw new CloseConnectionException("the rest of the request cannot be read", e);
        }
    }

    @Override
    public String method() {
        return request.prologue().method().text();
    }

    @Override
    public String path() {
        return request.path().path();
    }

    @Override
    public String rawPath() {
        return request.path().rawPath();
    }

    @Override
    public String client() {
        return request.remotePeer().host();
    }

    @Override
    public Optional<String> header(String name) {
        return request.headers().first(HeaderNames.create(name));
    }

    @Override
    public Map<String, List<String>> headers() {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        request.headers().forEach(header -> headers.put(header.name(), header.allValues()));
        return headers;
    }

    @Override
    public String query() {
        return request.query().rawValue();
    }

    @Override
    public Optional<String> query(String name) {
        return request.query().first(name).asOptional();
    }

    @Override
    public InputStream body() {
        return request.content().hasEntity()
                ? new Body(request.content().inputStream())
                : new ByteArrayInputStream(new byte[0]);
    }

    @Override
    public void setHeader(String name, String value) {
        response.headers().set(HeaderNames.create(name), value);
    }

    private void begin() {
        answered = true;
        if (ending.getAsBoolean()) {
            saidEnd = true;
            setHeader("Connection", "close");
        }
    }

    @Override
    public void beforeSending(IntConsumer action) {
        beforeSending = action;
    }

    @Override
    public OptionalInt sentStatus() {
        return sentStatus;
    }

    @Override
    public long sentBytes() {
        return sentBytes;
    }

    /// Runs the action that precedes a part of the response.
    void sending(int status) {
        beforeSending.accept(status);
    }

    /// Counts a part of the response that was sent.
    void sent(long bytes) {
        sentBytes += bytes;
    }

    /// Marks the response as complete.
    void ended(int status) {
        sentStatus = OptionalInt.of(status);
    }

    @Override
    public void send(int status, String contentType, byte[] body) {
        sending(status);
        begin();
        sent(body.length);
        try {
            response.status(Status.create(status));
            if (body.length > 0) {
                setHeader("Content-Type", contentType);
            }
            if (method().equals("HEAD")) {
                setHeader("Content-Length", Integer.toString(body.length));
                response.send(new byte[0]);
            } else {
                response.send(body);
            }
            ended(status);
        } catch (CloseConnectionException | UncheckedIOException e) {
            throw new ClientGoneException(e);
        }
    }

    @Override
    public OutputStream stream(int status, String contentType) {
        begin();
        response.status(Status.create(status));
        setHeader("Content-Type", contentType);
        return StreamedAnswer.begin(
                this, status, response, !ClientConnection.current().isOfHttp10());
    }

    @Override
    public Watch watch(Runnable gone) {
        return ClientConnection.current().watch(gone);
    }

    /// A body that throws an `IOException` when it cannot be read: Helidon throws exceptions of many types for
    /// invalid chunks and an early end.
    private static final class Body extends InputStream {

        private final InputStream input;

        Body(InputStream input) {
            this.input = input;
        }

        @Override
        public int read() throws IOException {
            try {
                return input.read();
            } catch (RuntimeException e) {
                throw new IOException(e);
            }
        }

        @Override
        public int read(byte[] bytes, int from, int count) throws IOException {
            try {
                return input.read(bytes, from, count);
            } catch (RuntimeException e) {
                throw new IOException(e);
            }
        }
    }
}
