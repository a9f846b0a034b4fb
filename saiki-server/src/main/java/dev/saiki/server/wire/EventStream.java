package dev.saiki.server.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import tools.jackson.databind.JsonNode;

/// Server-sent events, as OpenAI sends them: `data: ` with a space, one JSON document each, `[DONE]` at the end.
///
/// Written here, since Helidon's own leaves the space out, on which scripts split, and has no comments.
public final class EventStream implements AutoCloseable {

    private static final byte[] PREFIX = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PING = ": ping\n\n".getBytes(StandardCharsets.US_ASCII);

    /// What is not yet sent must not grow without bound if events come as fast as they are written.
    private static final int MOST_PENDING_BYTES = 1 << 14;

    private final OutputStream output;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();

    private long flushed = System.nanoTime();

    private EventStream(OutputStream output) {
        this.output = output;
    }

    /// Begins a stream, and says so at once: the first event may be long in coming. What goes wrong from here on can
    /// only be said in an event.
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

    /// A document of which all but one part is the same in many events, written once.
    public static final class Frame {

        private final byte[] before;
        private final byte[] after;

        /// Makes a frame.
        ///
        /// @param before what stands in front of the part
        /// @param after what stands behind it
        public Frame(String before, String after) {
            this.before = before.getBytes(StandardCharsets.UTF_8);
            this.after = after.getBytes(StandardCharsets.UTF_8);
        }
    }

    /// Sends a document, at the next {@link #flush}.
    ///
    /// @param document on one line
    /// @throws ClientGoneException if nobody listens any more
    public void send(JsonNode document) {
        write(PREFIX, Json.bytes(document), END);
    }

    /// Sends a document, at the next {@link #flush}.
    ///
    /// @param frame what stands around its part
    /// @param part on one line
    /// @throws ClientGoneException if nobody listens any more
    public void send(Frame frame, JsonNode part) {
        write(PREFIX, frame.before, Json.bytes(part), frame.after, END);
    }

    /// Sends a document under a name, at the next {@link #flush}.
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
        flush();
    }

    /// Sends a comment, which clients skip: it keeps the connection, or finds that it is gone.
    ///
    /// @throws ClientGoneException if nobody listens any more
    public void ping() {
        write(PING);
        flush();
    }

    private void write(byte[]... parts) {
        for (byte[] part : parts) {
            pending.writeBytes(part);
        }
        if (pending.size() > MOST_PENDING_BYTES) {
            flush();
        }
    }

    /// Tells whether something waits for the next {@link #flush}.
    ///
    /// @return whether it does
    public boolean hasPending() {
        return pending.size() > 0;
    }

    /// Measures how long ago something was put on its way.
    ///
    /// @return the time since the last {@link #flush}, or since the beginning
    public Duration sinceFlush() {
        return Duration.ofNanos(System.nanoTime() - flushed);
    }

    /// Puts all that was sent on its way, in one piece.
    ///
    /// @throws ClientGoneException if nobody listens any more
    public void flush() {
        if (pending.size() == 0) {
            return;
        }
        byte[] all = pending.toByteArray();
        flushed = System.nanoTime();
        // Even if it cannot be written: what follows is then about that.
        pending.reset();
        try {
            output.write(all);
            output.flush();
        } catch (IOException e) {
            throw new ClientGoneException(e);
        }
    }

    @Override
    public void close() {
        flush();
        try {
            output.close();
        } catch (IOException e) {
            throw new ClientGoneException(e);
        }
    }
}
