package dev.saiki.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.LongSupplier;
import tools.jackson.databind.JsonNode;

/// A stream of server-sent events in OpenAI's format: one JSON document per `data: ` line, `[DONE]` at the end.
///
/// Helidon's own implementation omits the space after the colon, on which scripts split lines, and does not
/// support comments.
public final class EventStream implements AutoCloseable {

    private static final byte[] PREFIX = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PING = ": ping\n\n".getBytes(StandardCharsets.US_ASCII);

    /// The limit on unsent bytes, in case events arrive as fast as they are written.
    private static final int MAX_PENDING_BYTES = 1 << 14;

    /// The time between two flushes, about one frame of a screen. All streams flush at the same times: the events
    /// of many streams are then sent and received by threads that are awake already. Waking a thread costs more
    /// than a token's event, most of all on a virtual machine.
    private static final long FLUSH_INTERVAL_NANOS = 16_000_000;

    private final OutputStream output;
    private final LongSupplier nanoTime;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();

    private long due;
    private int eventsPending;
    private int eventsAtLastFlush;
    private boolean begun;

    private EventStream(OutputStream output, LongSupplier nanoTime) {
        this.output = output;
        this.nanoTime = nanoTime;
        this.due = nanoTime.getAsLong();
    }

    /// Starts a stream, which the client sees from {@link #open} on. A later failure can only be reported by an
    /// event.
    ///
    /// @param exchange of the request
    /// @return the stream, to be closed
    public static EventStream begin(Exchange exchange) {
        return begin(exchange, System::nanoTime);
    }

    static EventStream begin(Exchange exchange, LongSupplier nanoTime) {
        exchange.setHeader("Cache-Control", "no-cache");
        exchange.setHeader("X-Accel-Buffering", "no");
        try {
            return new EventStream(exchange.stream("text/event-stream"), nanoTime);
        } catch (IOException e) {
            throw new ClientGoneException(e);
        }
    }

    /// A document that is the same in many events except for one part, serialized once.
    public static final class Frame {

        private final byte[] before;
        private final byte[] after;

        /// Makes a frame.
        ///
        /// @param before the text before the part
        /// @param after the text after it
        public Frame(String before, String after) {
            this.before = before.getBytes(StandardCharsets.UTF_8);
            this.after = after.getBytes(StandardCharsets.UTF_8);
        }
    }

    /// Writes a document, which is sent at the next {@link #flush}.
    ///
    /// @param document on one line
    /// @throws ClientGoneException if the client has disconnected
    public void send(JsonNode document) {
        write(PREFIX, Json.bytes(document), END);
    }

    /// Writes a document, which is sent at the next {@link #flush}.
    ///
    /// @param frame the constant text around the part
    /// @param part on one line
    /// @throws ClientGoneException if the client has disconnected
    public void send(Frame frame, JsonNode part) {
        write(PREFIX, frame.before, Json.bytes(part), frame.after, END);
    }

    /// Writes a named event, which is sent at the next {@link #flush}.
    ///
    /// @param name of the event
    /// @param document on one line
    /// @throws ClientGoneException if the client has disconnected
    public void send(String name, JsonNode document) {
        write(("event: " + name + "\n").getBytes(StandardCharsets.US_ASCII), PREFIX, Json.bytes(document), END);
    }

    /// Marks the end of a complete stream.
    ///
    /// @throws ClientGoneException if the client has disconnected
    public void done() {
        write(DONE);
        flush();
    }

    /// Sends the response headers, with the events written so far, since the first token may take long. The next
    /// event is due at once nevertheless. No comment is sent before it: some clients take one for an event.
    ///
    /// @throws ClientGoneException if the client has disconnected
    public void open() {
        flushAll();
        // Even if the events so far exceeded the limit on unsent bytes, and were flushed already.
        due = nanoTime.getAsLong();
    }

    /// Sends a comment, which clients ignore: it keeps the connection open, or detects that it is closed.
    ///
    /// @throws ClientGoneException if the client has disconnected
    public void ping() {
        write(PING);
        flushAll();
    }

    private void write(byte[]... parts) {
        for (byte[] part : parts) {
            pending.writeBytes(part);
        }
        eventsPending++;
        begun = true;
        if (pending.size() > MAX_PENDING_BYTES) {
            flush();
        }
    }

    /// Tells whether the stream has content.
    ///
    /// @return whether an event or a comment has been written, sent or still pending
    public boolean hasBegun() {
        return begun;
    }

    /// Tells whether events wait for the next {@link #flush}.
    ///
    /// @return whether any do
    public boolean hasPending() {
        return pending.size() > 0;
    }

    /// Returns how long pending events can wait for others: until the next interval begins, if there was a flush
    /// in this one.
    ///
    /// @return the time until then; zero if a flush is due
    public Duration untilDue() {
        return Duration.ofNanos(Math.max(0, due - nanoTime.getAsLong()));
    }

    /// Tells whether events arrive faster than flushes, so that waiting for the next event takes no longer than
    /// waiting for the next flush.
    ///
    /// @return whether the last flush sent several events
    public boolean isBrisk() {
        return eventsAtLastFlush > 1;
    }

    /// Sends all pending events in one write.
    ///
    /// @throws ClientGoneException if the client has disconnected
    public void flush() {
        if (hasPending()) {
            due = (Math.floorDiv(nanoTime.getAsLong(), FLUSH_INTERVAL_NANOS) + 1) * FLUSH_INTERVAL_NANOS;
            flushAll();
        }
    }

    private void flushAll() {
        byte[] all = pending.toByteArray();
        // Even if the write fails: later events then report that failure.
        pending.reset();
        eventsAtLastFlush = eventsPending;
        eventsPending = 0;
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
