package dev.saiki.study;

import dev.saiki.train.Trainer;
import org.jspecify.annotations.Nullable;

/// The request to end a study, which is passed on to the training at work. Threads may share it.
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
