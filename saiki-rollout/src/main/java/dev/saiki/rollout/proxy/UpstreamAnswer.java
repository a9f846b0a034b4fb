package dev.saiki.rollout.proxy;

import dev.saiki.rollout.plan.ModelEndpoint;
import java.io.IOException;
import java.io.InputStream;
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

    /// Starts from a head that has arrived. A stream must send its first piece within the time limit, any other
    /// answer its last byte.
    ///
    /// @param pool the pool that gets the connection back if the answer was read to its end
    UpstreamAnswer(AnswerHead head, AnswerBody body, UpstreamCall call, UpstreamPool pool, ModelEndpoint endpoint) {
        this.head = head;
        this.body = body;
        this.call = call;
        this.pool = pool;
        this.endpoint = endpoint;
        call.endsIn(isStream() ? endpoint.firstByte() : endpoint.answer());
    }

    /// Marks the arrival of the first piece, and sets the time limit of the whole answer.
    void hasBegun() {
        call.endsIn(endpoint.answer());
    }

    /// Fails if the time limit has expired. Without this check, a body that ends with its connection would look
    /// complete when a timeout closes the connection.
    void requireInTime() throws IOException {
        if (isLate()) {
            throw new IOException("timed out");
        }
    }

    /// Whether the time is up.
    boolean isLate() {
        return call.isLate();
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

    InputStream body() {
        return body;
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
