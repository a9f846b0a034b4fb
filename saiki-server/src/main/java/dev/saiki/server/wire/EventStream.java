package dev.saiki.server.wire;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/// Server-sent events, as OpenAI sends them: `data: ` with a space, one JSON document each, `[DONE]` at the end.
///
/// Written here, since Helidon's own leaves the space out, on which scripts split, and has no comments.
public final class EventStream implements AutoCloseable {

    private static final byte[] PREFIX = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PING = ": ping\n\n".getBytes(StandardCharsets.US_ASCII);

    private final OutputStream output;

    private EventStream(OutputStream output) {
        this.output = output;
    }

    /// Begins a stream, and says so at once: the first event may be long in coming. What goes wrong from here on can
    /// only
    /// be said in an event.
    ///
    /// @param exchange what it answers
    /// @return the stream, to be closed
    public static EventStream begin(Exchange exchange) {
        exchange.setHeader("Cache-Control", "no-cache");
        exchange.setHeader("X-Accel-Buffering", "no");
        try {
            OutputStream output = exchange.stream("text/event-stream");
            output.flush();
            return new EventStream(output);
        } catch (IOException e) {
            throw new ClientGoneException(e);
        }
    }

    /// Sends a document.
    ///
    /// @param document on one line
    /// @throws ClientGoneException if nobody listens any more
    public void send(JsonNode document) {
        write(PREFIX, Json.bytes(document), END);
    }

    /// Sends a document under a name.
    ///
    /// @param name of the event
    /// @param document on one line
    /// @throws ClientGoneException if nobody listens any more
    public void send(String name, JsonNode document) {
        write(("event: " + name + "\n").getBytes(StandardCharsets.US_ASCII), PREFIX, Json.bytes(document), END);
    }

    /// Says that the stream is whole.
    ///
    /// @throws ClientGoneException if nobody listens any more
    public void done() {
        write(DONE);
    }

    /// Sends a comment, which clients skip: it keeps the connection, or finds that it is gone.
    ///
    /// @throws ClientGoneException if nobody listens any more
    public void ping() {
        write(PING);
    }

    private void write(byte[]... parts) {
        try {
            for (byte[] part : parts) {
                output.write(part);
            }
            output.flush();
        } catch (IOException e) {
            throw new ClientGoneException(e);
        }
    }

    @Override
    public void close() {
        try {
            output.close();
        } catch (IOException e) {
            throw new ClientGoneException(e);
        }
    }
}
