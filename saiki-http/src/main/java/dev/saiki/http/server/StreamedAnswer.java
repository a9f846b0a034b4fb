package dev.saiki.http.server;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// The body of a streamed answer: chunked or, for HTTP/1.0 clients, unframed until the connection closes. A
/// lost connection surfaces as an `IOException`.
///
/// Helidon 4.5.0 supports chunked encoding, but it sends the headers only with the first byte, and does not
/// support HTTP/1.0. If a response has a content length, Helidon writes all bytes unchanged, and an empty write
/// sends the headers. Therefore this class sets a content length, and removes it before the headers are written.
final class StreamedAnswer extends OutputStream {

    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LINE_END = "\r\n".getBytes(StandardCharsets.US_ASCII);

    private final HelidonExchange exchange;
    private final int status;
    private final OutputStream output;
    private final boolean inChunks;
    private boolean closed;

    private StreamedAnswer(HelidonExchange exchange, int status, OutputStream output, boolean inChunks) {
        this.exchange = exchange;
        this.status = status;
        this.output = output;
        this.inChunks = inChunks;
    }

    /// Starts a response, whose headers are sent with the first piece, even if that piece is empty.
    ///
    /// @param exchange the exchange, which is notified of what is sent
    /// @param status the HTTP status
    /// @param response the response with its status and headers
    /// @param inChunks whether the client supports chunked encoding
    static StreamedAnswer begin(HelidonExchange exchange, int status, ServerResponse response, boolean inChunks) {
        response.headers().contentLength(Long.MAX_VALUE);
        OutputStream output = response.outputStream();
        response.headers().remove(HeaderNames.CONTENT_LENGTH);
        if (inChunks) {
            response.headers().set(HeaderNames.TRANSFER_ENCODING, "chunked");
        }
        return new StreamedAnswer(exchange, status, output, inChunks);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        exchange.sending(status);
        if (!inChunks || count == 0) {
            send(bytes, from, count);
        } else {
            sendChunk(bytes, from, count);
        }
        exchange.sent(count);
    }

    private void sendChunk(byte[] bytes, int from, int count) throws IOException {
        ByteArrayOutputStream chunk = new ByteArrayOutputStream(count + 16);
        chunk.writeBytes(Integer.toHexString(count).getBytes(StandardCharsets.US_ASCII));
        chunk.writeBytes(LINE_END);
        chunk.write(bytes, from, count);
        chunk.writeBytes(LINE_END);
        send(chunk.toByteArray(), 0, chunk.size());
    }

    private void send(byte[] bytes, int from, int count) throws IOException {
        try {
            output.write(bytes, from, count);
        } catch (CloseConnectionException | UncheckedIOException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void flush() throws IOException {
        try {
            output.flush();
        } catch (CloseConnectionException | UncheckedIOException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        exchange.sending(status);
        closed = true;
        if (inChunks) {
            send(LAST_CHUNK, 0, LAST_CHUNK.length);
        }
        try {
            output.close();
        } catch (CloseConnectionException | UncheckedIOException e) {
            throw new IOException(e);
        }
        exchange.ended(status);
    }
}
