package dev.saiki.server.access;

import dev.saiki.engine.QueueFullException;
import dev.saiki.http.ApiException;
import dev.saiki.http.ClientGoneException;
import dev.saiki.io.InputException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The mapping of failures to errors for clients and labels for metrics.
public final class RequestFailures {

    private static final Logger LOG = LoggerFactory.getLogger(RequestFailures.class);

    private static final Duration RETRY_WHEN_FULL = Duration.ofSeconds(1);

    private RequestFailures() {}

    /// Converts a failure into the error for the client, and logs an unexpected failure.
    static ApiException refusal(Throwable failure) {
        return switch (failure) {
            case ApiException refusal -> refusal;
            case InputException mistake -> ApiException.invalid(mistake);
            case QueueFullException full -> ApiException.full(String.valueOf(full.getMessage()), RETRY_WHEN_FULL);
            default -> {
                if (Thread.interrupted()) {
                    // A shutdown interrupts the requests that have not ended in time.
                    yield ApiException.ending();
                }
                LOG.error("a request failed", failure);
                yield ApiException.broken();
            }
        };
    }

    /// Names a failure for monitoring.
    ///
    /// @param failure the failure of a request
    /// @return a label from a small set
    public static String nameOf(RuntimeException failure) {
        return switch (failure) {
            case ApiException refusal -> refusal.code().orElse(refusal.type());
            case ClientGoneException _ -> "client_gone";
            case QueueFullException _ -> "queue_full";
            case InputException _ -> "invalid_request_error";
            default -> "internal_error";
        };
    }
}
