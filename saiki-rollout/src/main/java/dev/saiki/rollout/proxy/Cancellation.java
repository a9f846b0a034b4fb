package dev.saiki.rollout.proxy;

import java.util.ArrayList;
import java.util.List;

/// A word that a client has left, which ends whatever is done for it. Safe for any number of threads.
final class Cancellation {

    private final List<Runnable> ends = new ArrayList<>();
    private boolean cancelled;

    /// Ends all that is done.
    void cancel() {
        List<Runnable> now;
        synchronized (this) {
            cancelled = true;
            now = List.copyOf(ends);
            ends.clear();
        }
        now.forEach(Runnable::run);
    }

    /// Says how something ends that is done from now on.
    void onCancel(Runnable end) {
        synchronized (this) {
            if (!cancelled) {
                ends.add(end);
                return;
            }
        }
        end.run();
    }

    /// Whether the client has left.
    synchronized boolean isCancelled() {
        return cancelled;
    }
}
