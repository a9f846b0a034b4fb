package dev.saiki.rollout.proxy;

import dev.saiki.rollout.pair.Fault;
import java.io.Serial;

/// A failure to get an answer from a side.
final class UpstreamException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    private final Fault fault;

    UpstreamException(Fault fault, String message) {
        super(message);
        this.fault = fault;
    }

    /// What is wrong.
    Fault fault() {
        return fault;
    }
}
