package dev.saiki.rollout.proxy;

import java.io.Serial;

/// A failure to get an answer from a side.
final class UpstreamException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    private final boolean isTimeout;

    UpstreamException(String message, boolean isTimeout) {
        super(message);
        this.isTimeout = isTimeout;
    }

    /// Whether the request timed out.
    boolean isTimeout() {
        return isTimeout;
    }
}
