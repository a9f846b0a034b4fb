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

    /// A token for a client, which is not watched yet.
    Cancellation(Exchange client) {
        this.client = Optional.of(client);
    }

    /// A token without a client, for background work.
    Cancellation() {
        this.client = Optional.empty();
    }

    /// Starts watching the client; called before waiting for an answer. Starting takes time, so a request that can
    /// be sent at once is sent first.
    void watch() {
        if (watch.isEmpty()) {
            watch = client.map(exchange -> exchange.watch(this::cancel));
        }
    }

    /// Stops watching the client.
    @Override
    public void close() {
        watch.ifPresent(Exchange.Watch::close);
    }

    /// Cancels all registered work.
    void cancel() {
        List<Runnable> now;
        synchronized (this) {
            cancelled = true;
            now = List.copyOf(ends);
            ends.clear();
        }
        now.forEach(Runnable::run);
    }

    /// Registers an action to run on cancellation; runs the action now if cancellation has already happened.
    void onCancel(Runnable end) {
        synchronized (this) {
            if (!cancelled) {
                ends.add(end);
                return;
            }
        }
        end.run();
    }

    /// Whether the client has disconnected.
    synchronized boolean isCancelled() {
        return cancelled;
    }
}
