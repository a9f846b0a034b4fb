package dev.saiki.rollout.proxy;

import dev.saiki.http.Exchange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A cancellation token, set when the client disconnects. Thread-safe, except {@link #watch} and {@link #close},
/// which belong to the answering thread.
final class Cancellation implements AutoCloseable {

    private final Optional<Exchange> client;
    private final List<Runnable> ends = new ArrayList<>();
    private Optional<Exchange.Watch> watch = Optional.empty();
    private boolean cancelled;

    /// The word of a client, which is not looked after yet.
    Cancellation(Exchange client) {
        this.client = Optional.of(client);
    }

    /// The word of nobody, for what is done in the background.
    Cancellation() {
        this.client = Optional.empty();
    }

    /// Looks after the client from now on: who calls it is about to wait. A request that can be sent at
    /// once is sent before, since it takes time to begin to look.
    void watch() {
        if (watch.isEmpty()) {
            watch = client.map(exchange -> exchange.watch(this::cancel));
        }
    }

    /// Looks after the client no more.
    @Override
    public void close() {
        watch.ifPresent(Exchange.Watch::close);
    }

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
