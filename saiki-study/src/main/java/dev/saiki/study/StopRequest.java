package dev.saiki.study;

import dev.saiki.train.Trainer;
import org.jspecify.annotations.Nullable;

/// A request to stop a study, forwarded to the running training. Thread-safe.
final class StopRequest {

    private volatile boolean made;
    private volatile @Nullable Trainer trainer;

    /// Creates the request.
    void make() {
        made = true;
        Trainer current = trainer;
        if (current != null) {
            current.requestStop();
        }
    }

    /// Whether it was made.
    boolean isMade() {
        return made;
    }

    /// Sets the training that a request is forwarded to.
    void passTo(Trainer atWork) {
        trainer = atWork;
    }
}
