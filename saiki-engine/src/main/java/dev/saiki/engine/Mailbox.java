package dev.saiki.engine;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/// The mailbox of an engine's thread: requests and queries, collected between stages.
///
/// {@link #submit}, {@link #query} and {@link #waiting} are thread-safe; the other methods are for the owner
/// alone.
final class Mailbox {

    private final Scheduler scheduler;
    private final Thread owner;
    private final int maxWaiting;
    private final ConcurrentLinkedQueue<Sequence> submitted = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Runnable> queries = new ConcurrentLinkedQueue<>();
    private final ReentrantLock afterEnd = new ReentrantLock();

    /// Whether the owner has ended, so that callers must process what they add themselves.
    private volatile boolean closed;

    /// Makes a mailbox.
    ///
    /// @param scheduler takes the requests and answers the queries
    /// @param owner thread that requests and queries wake
    /// @param maxWaiting most waiting requests, here and in the scheduler
    Mailbox(Scheduler scheduler, Thread owner, int maxWaiting) {
        this.scheduler = scheduler;
        this.owner = owner;
        this.maxWaiting = maxWaiting;
    }

    /// Counts the waiting requests; the count may be slightly out of date.
    int waiting() {
        return scheduler.waiting().placesTaken();
    }

    /// Submits a sequence. After the owner's end it is ended at once.
    ///
    /// @throws QueueFullException if the queue is full
    void submit(Sequence sequence) {
        if (!scheduler.waiting().takePlace(maxWaiting)) {
            throw new QueueFullException(maxWaiting);
        }
        submitted.add(sequence);
        wake();
    }

    /// Queries the scheduler before the next stage.
    ///
    /// @return a future, which is completed on the owner's thread
    <T> CompletableFuture<T> query(Function<Scheduler, T> query) {
        CompletableFuture<T> result = new CompletableFuture<>();
        queries.add(() -> {
            try {
                result.complete(query.apply(scheduler));
            } catch (RuntimeException | Error e) {
                // The exception is the caller's: it must not end the engine, and the caller must not be left
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

    /// Closes the mailbox when the owner ends.
    void close() {
        // Set before the last flush: callers that come later flush by themselves.
        closed = true;
        flush();
    }

    /// Answers the queries, and ends the requests, that came after the owner's last look.
    private void flush() {
        afterEnd.lock();
        try {
            answerQueries();
            for (Sequence next = submitted.poll(); next != null; next = submitted.poll()) {
                scheduler.waiting().givePlaceBack();
                next.end(FinishReason.FAILED, Optional.of(new IllegalStateException("the engine is closed")));
            }
        } finally {
            afterEnd.unlock();
        }
    }
}
