package dev.saiki.rollout.proxy;

import dev.saiki.rollout.pair.Received;
import dev.saiki.rollout.plan.ModelEndpoint;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// An answer whose head has arrived; closing it aborts the rest.
final class UpstreamAnswer implements AutoCloseable {

    private static final Set<String> NOT_FORWARDED = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "content-length",
            "content-type",
            "date",
            "server",
            "set-cookie",
            "x-request-id");

    private static final int GOOD = 200;
    private static final int BAD = 300;

    private final AnswerHead head;
    private final AnswerBody body;
    private final UpstreamCall call;
    private final UpstreamPool pool;
    private final ModelEndpoint endpoint;

    /// Nanoseconds in which the side was waited for; the time in which a client takes a piece is not the side's.
    private long waited;

    private long firstByte = -1;
    private Received.Ending whenLate = Received.Ending.LATE_END;

    /// Starts from a head that has arrived.
    ///
    /// @param pool the pool that gets the connection back if the answer was read to its end
    /// @param since the {@link System#nanoTime} at which the request began
    UpstreamAnswer(
            AnswerHead head,
            AnswerBody body,
            UpstreamCall call,
            UpstreamPool pool,
            ModelEndpoint endpoint,
            long since) {
        this.head = head;
        this.body = body;
        this.call = call;
        this.pool = pool;
        this.endpoint = endpoint;
        this.waited = System.nanoTime() - since;
        call.hold();
    }

    /// Reads the next bytes. A stream must send its first ones within the endpoint's `firstByte`, further ones within
    /// `pause`, and every answer its last ones within `answer`.
    ///
    /// @return the number of bytes; -1 at the end
    /// @throws IOException if the answer broke off or a time limit expired; {@link #brokenOff} tells which
    int read(byte[] piece) throws IOException {
        long begin = System.nanoTime();
        call.endsIn(limit());
        try {
            int count = body.read(piece);
            // A body that ends with its connection looks complete when a timeout closes the connection.
            if (call.isLate()) {
                throw new IOException("timed out");
            }
            return count;
        } finally {
            waited += System.nanoTime() - begin;
            firstByte = firstByte < 0 ? waited : firstByte;
            call.hold();
        }
    }

    private Duration limit() {
        long left = endpoint.answer().toNanos() - waited;
        long sooner = firstByte < 0
                ? endpoint.firstByte().toNanos() - waited
                : endpoint.pause().toNanos();
        if (!isStream() || left <= sooner) {
            whenLate = Received.Ending.LATE_END;
            return Duration.ofNanos(left);
        }
        whenLate = firstByte < 0 ? Received.Ending.LATE_BEGINNING : Received.Ending.STALLED;
        return Duration.ofNanos(sooner);
    }

    /// Says how the answer ended, given that its body cannot be read further.
    Received.Ending brokenOff() {
        return call.isLate() ? whenLate : Received.Ending.LOST;
    }

    /// Describes what arrived.
    ///
    /// @param bytes the body, as far as it is kept
    Received received(byte[] bytes, Received.Ending ending) {
        return new Received(
                status(),
                bytes,
                isStream(),
                ending,
                Duration.ofNanos(firstByte < 0 ? waited : firstByte),
                Duration.ofNanos(waited));
    }

    int status() {
        return head.status();
    }

    /// Whether the status is a success.
    boolean isGood() {
        return status() >= GOOD && status() < BAD;
    }

    String contentType() {
        return head.first("Content-Type").orElse("application/octet-stream");
    }

    /// Whether the answer is a stream of events.
    boolean isStream() {
        return contentType().toLowerCase(Locale.ROOT).startsWith("text/event-stream");
    }

    /// The headers forwarded to the client.
    Map<String, String> headers() {
        Map<String, String> forwarded = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        head.headers().forEach((name, values) -> {
            if (!NOT_FORWARDED.contains(name.toLowerCase(Locale.ROOT))) {
                forwarded.put(name, joined(values));
            }
        });
        return forwarded;
    }

    private static String joined(List<String> values) {
        return String.join(", ", values);
    }

    @Override
    public void close() {
        if (!body.hasEnded() || !head.staysOpen()) {
            call.end();
        } else if (call.release()) {
            pool.release(call.connection());
        }
    }
}
