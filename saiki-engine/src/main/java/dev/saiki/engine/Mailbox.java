package dev.saiki.engine;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/// The mailbox of an engine's thread: collects requests and queries until the thread processes them between
/// two stages.
///
/// {@link #submit}, {@link #query} and {@link #waiting} are thread-safe; only the owner thread may call the other
/// methods.
final class Mailbox {

    private final Scheduler scheduler;
    private final Thread owner;
    private final int maxWaiting;
    private final ConcurrentLinkedQueue<Sequence> submitted = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Runnable> queries = new ConcurrentLinkedQueue<>();

    /// Whether the owner thread has ended. Callers must then process their own requests and queries.
    private volatile boolean closed;

    /// Makes a mailbox.
    ///
    /// @param scheduler scheduler that receives the requests and answers the queries
    /// @param owner thread that is woken by requests and queries
    /// @param maxWaiting maximum number of waiting requests, in the mailbox and in the scheduler together
    Mailbox(Scheduler scheduler, Thread owner, int maxWaiting) {
        this.scheduler = scheduler;
        this.owner = owner;
        this.maxWaiting = maxWaiting;
    }

    /// Counts the waiting requests; the count may be slightly out of date.
    int waiting() {
        return scheduler.waiting().placesTaken();
    }

    /// Submits a sequence. If the owner thread has ended, the sequence fails at once.
    ///
    /// @throws QueueFullException if the queue is full
    void submit(Sequence sequence) {
        if (!scheduler.waiting().takePlace(maxWaiting)) {
            throw new QueueFullException(maxWaiting);
        }
        submitted.add(sequence);
        wake();
    }

    /// Submits a query, which the owner thread answers before the next stage.
    ///
    /// @return a future that the owner thread completes
    <T> CompletableFuture<T> query(Function<Scheduler, T> query) {
        CompletableFuture<T> result = new CompletableFuture<>();
        queries.add(() -> {
            try {
                result.complete(query.apply(scheduler));
            } catch (RuntimeException | Error e) {
                // The exception is passed to the caller; it must neither end the engine nor leave the caller
                // waiting.
                result.completeExceptionally(e);
            }
        });
        wake();
        return result;
    }

    private void wake() {
        LockSupport.unpark(owner);
        if (closed) {
            flush();
        }
    }

    /// Passes the submitted requests to the scheduler.
    void takeSubmitted() {
        for (Sequence next = submitted.poll(); next != null; next = submitted.poll()) {
            scheduler.add(next);
        }
    }

    /// Answers the queries.
    void answerQueries() {
        for (Runnable next = queries.poll(); next != null; next = queries.poll()) {
            next.run();
        }
    }

    /// Closes the mailbox when the owner thread ends.
    void close() {
        // Set before the last flush, so that later callers flush their own entries.
        closed = true;
        flush();
    }

    /// Answers the queries that arrived after the owner thread last read the mailbox, and fails the requests that
    /// arrived since then.
    private synchronized void flush() {
        answerQueries();
        for (Sequence next = submitted.poll(); next != null; next = submitted.poll()) {
            scheduler.waiting().givePlaceBack();
            next.end(FinishReason.FAILED, Optional.of(new IllegalStateException("the engine is closed")));
        }
    }
}
