package dev.saiki.server.metrics;

import dev.saiki.server.audit.Spending;
import java.time.Duration;

/// The latencies of a request's phases. Used by the answering thread.
public final class RequestClock {

    private final ServerMetrics metrics;
    private final String operation;
    private final long start = System.nanoTime();
    private Duration queued = Duration.ZERO;
    private boolean hasQueued;
    private long firstToken;
    private boolean hasToken;

    /// The times from the start of a request to the end of each phase.
    ///
    /// @param queued the time until the engine started an answer
    /// @param firstToken the time until the first token; the whole time if there was none
    /// @param whole the time until all answers had ended
    public record Times(Duration queued, Duration firstToken, Duration whole) {}

    RequestClock(ServerMetrics metrics, String operation) {
        this.metrics = metrics;
        this.operation = operation;
    }

    /// Records that a token has arrived; only the time of the first one is kept.
    public void token() {
        if (!hasToken) {
            hasToken = true;
            firstToken = System.nanoTime();
            metrics.firstToken(operation, Duration.ofNanos(firstToken - start));
        }
    }

    /// Records that the engine has started an answer. For several answers, the shortest wait is kept.
    ///
    /// @param waited the time that the answer waited in the queue
    public void queued(Duration waited) {
        queued = hasQueued && queued.compareTo(waited) < 0 ? queued : waited;
        hasQueued = true;
    }

    /// Records that an answer has ended.
    ///
    /// @param reason the reason, in OpenAI's terms
    public void finished(String reason) {
        metrics.finished(reason);
    }

    /// Records that all answers have ended.
    ///
    /// @param spending the cost of the answers
    /// @return the latencies
    public Times done(Spending spending) {
        long now = System.nanoTime();
        long following = spending.completionTokens() / spending.answers() - 1;
        if (hasToken && following > 0) {
            metrics.eachToken(operation, Duration.ofNanos((now - firstToken) / following));
        }
        metrics.spent(spending);
        metrics.ended(operation, Duration.ofNanos(now - start), "none");
        Times times = new Times(
                queued, Duration.ofNanos((hasToken ? firstToken : now) - start), Duration.ofNanos(now - start));
        metrics.done(times, spending);
        return times;
    }

    /// Records that answers were cancelled; a call of {@link #failed} reports the cause later.
    ///
    /// @param spending the answers' cost so far
    public void cutOff(Spending spending) {
        metrics.spent(spending);
    }

    /// Records that the request has failed.
    ///
    /// @param error the label of the failure
    public void failed(String error) {
        metrics.ended(operation, Duration.ofNanos(System.nanoTime() - start), error);
    }
}
