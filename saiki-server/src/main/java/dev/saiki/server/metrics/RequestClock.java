package dev.saiki.server.metrics;

import java.time.Duration;

/// Measures one request. Used by the thread that answers it.
public final class RequestClock {

    private final ServerMetrics metrics;
    private final String operation;
    private final long start = System.nanoTime();
    private long firstToken;
    private boolean hasToken;

    RequestClock(ServerMetrics metrics, String operation) {
        this.metrics = metrics;
        this.operation = operation;
    }

    /// A token has come; only the first one matters.
    public void token() {
        if (!hasToken) {
            hasToken = true;
            firstToken = System.nanoTime();
            metrics.firstToken(operation, Duration.ofNanos(firstToken - start));
        }
    }

    /// An answer has ended.
    ///
    /// @param reason in OpenAI's words
    public void finished(String reason) {
        metrics.finished(reason);
    }

    /// All answers have ended.
    ///
    /// @param spending what they cost
    public void done(Spending spending) {
        long now = System.nanoTime();
        long following = spending.completionTokens() / spending.answers() - 1;
        if (hasToken && following > 0) {
            metrics.eachToken(operation, Duration.ofNanos((now - firstToken) / following));
        }
        metrics.spent(spending);
        metrics.ended(operation, Duration.ofNanos(now - start), "none");
    }

    /// The request has ended otherwise.
    ///
    /// @param error what stood in the way
    public void failed(String error) {
        metrics.ended(operation, Duration.ofNanos(System.nanoTime() - start), error);
    }
}
