package dev.saiki.study;

import dev.saiki.train.Trainer;
import org.jspecify.annotations.Nullable;

/// A request to end a study, forwarded to the running training. Threads may share it.
final class StopRequest {

    private volatile boolean made;
    private volatile @Nullable Trainer trainer;

    /// Makes the request.
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

    /// Names the training that a request is passed on to from now on.
    void passTo(Trainer atWork) {
        trainer = atWork;
    }
}
