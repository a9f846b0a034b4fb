package dev.saiki.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.LongSupplier;
import tools.jackson.databind.JsonNode;

/// A stream of server-sent events in OpenAI's format: one JSON document per `data: ` line, and `[DONE]` at
/// the end.
///
/// Helidon's own event streams do not support comments, and write no space after `data:`, although scripts split
/// lines at `data: `.
public final class EventStream implements AutoCloseable {

    private static final byte[] PREFIX = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PING = ": ping\n\n".getBytes(StandardCharsets.US_ASCII);

    /// The number of pending bytes above which a write flushes them at once.
    private static final int MAX_PENDING_BYTES = 1 << 14;

    /// The time between two flushes, about one frame of a screen. All streams flush at the same times, so that
    /// threads that are already awake send and receive the events of many streams: waking a thread costs more than
    /// sending a token's event, especially on a virtual machine.
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

    /// Starts a stream with status 200; {@link #open} sends its headers. A later failure can be reported only as
    /// an event.
    ///
    /// @param exchange the exchange of the request
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

    /// The constant text before and after the variable part of similar documents, encoded only once for all of
    /// them.
    public static final class Frame {

        private final byte[] before;
        private final byte[] after;

        /// Creates a frame.
        ///
        /// @param before the text before the variable part
        /// @param after the text after the variable part
        public Frame(String before, String after) {
            this.before = before.getBytes(StandardCharsets.UTF_8);
            this.after = after.getBytes(StandardCharsets.UTF_8);
        }
    }

    /// Writes a document, which is sent at the next {@link #flush}.
    ///
    /// @param document the document, on one line
    /// @throws ClientGoneException if the client has disconnected
    public void send(JsonNode document) {
        write(PREFIX, Json.bytes(document), END);
    }

    /// Writes a document, which is sent at the next {@link #flush}.
    ///
    /// @param frame the constant text around the part
    /// @param part the part, on one line
    /// @throws ClientGoneException if the client has disconnected
    public void send(Frame frame, JsonNode part) {
        write(PREFIX, frame.before, Json.bytes(part), frame.after, END);
    }

    /// Writes a named event, which is sent at the next {@link #flush}.
    ///
    /// @param name the name of the event
    /// @param document the document, on one line
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

    /// Sends the response headers and the events written so far, because the first token may be slow to arrive.
    /// The next event need not wait for a flush interval. This method sends no comment, because some clients
    /// treat a comment before the first event as an event.
    ///
    /// @throws ClientGoneException if the client has disconnected
    public void open() {
        flushAll();
        // Makes the next flush due at once, even if too many bytes caused an early flush, which set a later time.
        due = nanoTime.getAsLong();
    }

    /// Sends a comment, which clients ignore, to keep the connection open and to detect whether the client has
    /// closed it.
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
    /// @return whether an event or a comment has been written, whether or not it has been sent yet
    public boolean hasBegun() {
        return begun;
    }

    /// Tells whether events wait for the next {@link #flush}.
    ///
    /// @return whether any event waits
    public boolean hasPending() {
        return pending.size() > 0;
    }

    /// Returns the time until the next flush is due; events written until then are sent together. After a
    /// flush, another is due when the next interval begins.
    ///
    /// @return the time until then; zero if a flush is due
    public Duration untilDue() {
        return Duration.ofNanos(Math.max(0, due - nanoTime.getAsLong()));
    }

    /// Tells whether several events arrive between two flushes; if so, the next event is expected before the
    /// next flush.
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
        // Discards the pending bytes even if the write fails; later writes then report the failure.
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
