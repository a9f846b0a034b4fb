package dev.saiki.rollout.proxy;

import dev.saiki.rollout.plan.ModelEndpoint;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An answer that a side has begun; closing it ends it.
final class UpstreamAnswer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamAnswer.class);

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

    private final HttpResponse<InputStream> response;
    private final ModelEndpoint endpoint;
    private final ScheduledExecutorService deadlines;
    private volatile boolean isLate;
    private Future<?> deadline;

    /// Takes an answer whose head is there: a stream must go on soon, anything else must end in time.
    UpstreamAnswer(HttpResponse<InputStream> response, ModelEndpoint endpoint, ScheduledExecutorService deadlines) {
        this.response = response;
        this.endpoint = endpoint;
        this.deadlines = deadlines;
        this.deadline = endIn(isStream() ? endpoint.firstByte() : endpoint.answer());
    }

    private Future<?> endIn(Duration time) {
        Runnable end = () -> {
            isLate = true;
            closeBody();
        };
        return deadlines.schedule(() -> Thread.ofVirtual().start(end), time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// Hears that the first piece is there, and gives the rest its time.
    void hasBegun() {
        deadline.cancel(false);
        deadline = endIn(endpoint.answer());
    }

    /// Fails if the time is up: a body that was closed for that may look like one that has ended.
    void requireInTime() throws IOException {
        if (isLate) {
            throw new IOException("the time is up");
        }
    }

    /// Whether the time is up.
    boolean isLate() {
        return isLate;
    }

    int status() {
        return response.statusCode();
    }

    /// Whether the status is one of success.
    boolean isGood() {
        return status() >= GOOD && status() < BAD;
    }

    String contentType() {
        return response.headers().firstValue("Content-Type").orElse("application/octet-stream");
    }

    /// Whether it is a stream of events.
    boolean isStream() {
        return contentType().toLowerCase(Locale.ROOT).startsWith("text/event-stream");
    }

    InputStream body() {
        return response.body();
    }

    /// The headers that a client gets.
    Map<String, String> headers() {
        HttpHeaders all = response.headers();
        Map<String, String> forwarded = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        all.map().forEach((name, values) -> {
            if (!name.startsWith(":") && !NOT_FORWARDED.contains(name.toLowerCase(Locale.ROOT))) {
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
        deadline.cancel(false);
        closeBody();
    }

    private void closeBody() {
        try {
            response.body().close();
        } catch (IOException e) {
            LOG.debug("an answer was not closed", e);
        }
    }
}
