package dev.saiki.http.server;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// The body of a streamed answer: chunked, or for HTTP/1.0 clients unframed until the connection closes. A lost
/// connection surfaces as an `IOException`.
///
/// Helidon 4.5.0 supports chunked encoding, but sends the headers only with the first byte, and does not support
/// HTTP/1.0. A response with a content length is written through unchanged, and an empty write sends its headers.
/// Therefore a length is set, and removed before the headers are written.
final class StreamedAnswer extends OutputStream {

    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LINE_END = "\r\n".getBytes(StandardCharsets.US_ASCII);

    private final OutputStream output;
    private final boolean inChunks;
    private boolean closed;

    private StreamedAnswer(OutputStream output, boolean inChunks) {
        this.output = output;
        this.inChunks = inChunks;
    }

    /// Starts a response, whose headers are sent with the first piece, even an empty one.
    ///
    /// @param response with its status and headers
    /// @param inChunks whether the client supports chunked encoding
    static StreamedAnswer begin(ServerResponse response, boolean inChunks) {
        response.headers().contentLength(Long.MAX_VALUE);
        OutputStream output = response.outputStream();
        response.headers().remove(HeaderNames.CONTENT_LENGTH);
        if (inChunks) {
            response.headers().set(HeaderNames.TRANSFER_ENCODING, "chunked");
        }
        return new StreamedAnswer(output, inChunks);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        if (!inChunks || count == 0) {
            send(bytes, from, count);
            return;
        }
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
        closed = true;
        if (inChunks) {
            send(LAST_CHUNK, 0, LAST_CHUNK.length);
        }
        try {
            output.close();
        } catch (CloseConnectionException | UncheckedIOException e) {
            throw new IOException(e);
        }
    }
}
