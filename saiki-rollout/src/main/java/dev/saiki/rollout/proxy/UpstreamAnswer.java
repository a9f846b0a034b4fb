package dev.saiki.rollout.proxy;

import dev.saiki.rollout.pair.Received;
import dev.saiki.rollout.plan.ModelEndpoint;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.impl.DefaultConnectionReuseStrategy;
import org.apache.hc.core5.http.protocol.HttpCoreContext;

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

    private final ClassicHttpResponse head;
    private final InputStream body;
    private final UpstreamConnection connection;
    private final UpstreamCall call;
    private final ModelEndpoint endpoint;
    private boolean hasEnded;

    /// Nanoseconds spent waiting for the side, without the time in which the client takes a piece.
    private long waited;

    private long firstByte = -1;
    private Received.Ending whenLate = Received.Ending.LATE_END;

    /// Starts from a head that has arrived.
    ///
    /// @param since the {@link System#nanoTime} at which the request began
    /// @throws IOException if the head does not say where its body is
    UpstreamAnswer(
            ClassicHttpResponse head,
            UpstreamConnection connection,
            UpstreamCall call,
            ModelEndpoint endpoint,
            long since)
            throws IOException {
        this.head = head;
        this.body = head.getEntity() == null
                ? InputStream.nullInputStream()
                : head.getEntity().getContent();
        this.connection = connection;
        this.call = call;
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
            hasEnded = count < 0;
            if (hasEnded && head.containsHeader(HttpHeaders.TRANSFER_ENCODING) && connection.hasEnded()) {
                throw new ConnectionClosedException("the connection closed within the last chunk");
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
        return head.getCode();
    }

    /// Whether the status is a success.
    boolean isGood() {
        return status() >= HttpStatus.SC_SUCCESS && status() < HttpStatus.SC_REDIRECTION;
    }

    String contentType() {
        return Optional.ofNullable(head.getFirstHeader(HttpHeaders.CONTENT_TYPE))
                .map(Header::getValue)
                .orElse("application/octet-stream");
    }

    /// Whether the answer is a stream of events.
    boolean isStream() {
        return contentType().toLowerCase(Locale.ROOT).startsWith("text/event-stream");
    }

    /// The headers forwarded to the client.
    Map<String, String> headers() {
        Map<String, String> forwarded = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (Header header : head.getHeaders()) {
            if (!NOT_FORWARDED.contains(header.getName().toLowerCase(Locale.ROOT))) {
                forwarded.merge(header.getName(), header.getValue(), (some, more) -> some + ", " + more);
            }
        }
        return forwarded;
    }

    @Override
    public void close() {
        if (hasEnded && DefaultConnectionReuseStrategy.INSTANCE.keepAlive(null, head, HttpCoreContext.create())) {
            call.release();
        } else {
            call.end();
        }
    }
}
