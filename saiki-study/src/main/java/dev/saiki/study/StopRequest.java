package dev.saiki.study;

import dev.saiki.train.Trainer;
import org.jspecify.annotations.Nullable;

/// A request to stop a study, forwarded to the running training. Thread-safe.
final class StopRequest {

    private volatile boolean requested;
    private volatile @Nullable Trainer trainer;

    /// Makes the request.
    void request() {
        requested = true;
        Trainer current = trainer;
        if (current != null) {
            current.requestStop();
        }
    }

    /// Whether a stop was requested.
    boolean isRequested() {
        return requested;
    }

    /// Sets the training that a request is forwarded to.
    void forwardTo(Trainer atWork) {
        trainer = atWork;
    }
}
