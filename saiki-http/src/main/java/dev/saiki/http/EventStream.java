package dev.saiki.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.LongSupplier;
import tools.jackson.databind.JsonNode;

/// A stream of server-sent events in OpenAI's form: one JSON document per `data: ` line, `[DONE]` at the end.
///
/// Written here, since Helidon's own leaves the space out, on which scripts split, and has no comments.
public final class EventStream implements AutoCloseable {

    private static final byte[] PREFIX = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PING = ": ping\n\n".getBytes(StandardCharsets.US_ASCII);

    /// What is not yet sent must not grow without bound if events come as fast as they are written.
    private static final int MOST_PENDING_BYTES = 1 << 14;

    /// The time between two flushes, in which a screen shows one picture. All streams flush at the same times:
    /// what many of them have to say then goes out, and is taken in, by threads that are awake already. Waking one
    /// up costs more than a token's event does, most of all on a virtual machine.
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

    /// Begins a stream, which the client learns from {@link #open}. What goes wrong from here on can only be said
    /// in an event.
    ///
    /// @param exchange what it answers
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

    /// Puts the answer's head on its way, with what was sent until now, for the first event of a token may be long in
    /// coming. That one is due at once all the same. No comment stands before it, which some clients take for an
    /// event.
    ///
    /// @throws ClientGoneException if nobody listens any more
    public void open() {
        flushAll();
        // Even behind a head that was too long to wait.
        due = nanoTime.getAsLong();
    }

    /// Sends a comment, which clients skip: it keeps the connection, or finds that it is gone.
    ///
    /// @throws ClientGoneException if nobody listens any more
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
        if (pending.size() > MOST_PENDING_BYTES) {
            flush();
        }
    }

    /// Tells whether anything was sent.
    ///
    /// @return whether the client has got an event, or a comment, or will at the next {@link #flush}
    public boolean hasBegun() {
        return begun;
    }

    /// Tells whether something waits for the next {@link #flush}.
    ///
    /// @return whether it does
    public boolean hasPending() {
        return pending.size() > 0;
    }

    /// Tells how long what waits can wait for more: until the next interval begins, if something has gone out in
    /// this one.
    ///
    /// @return the time until then; zero if that is now
    public Duration untilDue() {
        return Duration.ofNanos(Math.max(0, due - nanoTime.getAsLong()));
    }

    /// Tells whether events come faster than flushes, so that waiting for the next one is no worse than waiting
    /// for the next flush.
    ///
    /// @return whether several went out together at the last one
    public boolean isBrisk() {
        return eventsAtLastFlush > 1;
    }

    /// Puts all that was sent on its way, in one piece.
    ///
    /// @throws ClientGoneException if nobody listens any more
    public void flush() {
        if (hasPending()) {
            due = (Math.floorDiv(nanoTime.getAsLong(), FLUSH_INTERVAL_NANOS) + 1) * FLUSH_INTERVAL_NANOS;
            flushAll();
        }
    }

    private void flushAll() {
        byte[] all = pending.toByteArray();
        // Even if it cannot be written: what follows is then about that.
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
