package dev.saiki.engine;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/// The mailbox of an engine's thread: requests and queries, collected between stages.
///
/// {@link #submit}, {@link #query} and {@link #waiting} are safe for any number of threads, the other methods are the
/// owner's.
final class Mailbox {

    private final Scheduler scheduler;
    private final Thread owner;
    private final int maxWaiting;
    private final ConcurrentLinkedQueue<Sequence> submitted = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Runnable> queries = new ConcurrentLinkedQueue<>();
    private final ReentrantLock afterEnd = new ReentrantLock();

    /// Whether the owner has ended, so that those who come do themselves what is left to do.
    private volatile boolean closed;

    /// Makes a mailbox.
    ///
    /// @param scheduler takes the requests and answers the queries
    /// @param owner is woken by both
    /// @param maxWaiting most requests that wait, here and in the scheduler
    Mailbox(Scheduler scheduler, Thread owner, int maxWaiting) {
        this.scheduler = scheduler;
        this.owner = owner;
        this.maxWaiting = maxWaiting;
    }

    /// Counts the requests that wait, as they were a moment ago.
    int waiting() {
        return scheduler.waiting().placesTaken();
    }

    /// Leaves a sequence. After the owner's end it is ended at once.
    ///
    /// @throws QueueFullException if as many requests wait as may
    void submit(Sequence sequence) {
        if (!scheduler.waiting().takePlace(maxWaiting)) {
            throw new QueueFullException(maxWaiting);
        }
        submitted.add(sequence);
        wake();
    }

    /// Asks the scheduler at the next border of a stage.
    ///
    /// @return a result, which is completed on the owner's thread
    <T> CompletableFuture<T> query(Function<Scheduler, T> query) {
        CompletableFuture<T> result = new CompletableFuture<>();
        queries.add(() -> {
            try {
                result.complete(query.apply(scheduler));
            } catch (RuntimeException | Error e) {
                // It is the caller's, and neither the engine's end nor a reason to keep the caller waiting.
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

    /// Hands the requests to the scheduler.
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

    /// Closes the mailbox at the owner's end.
    void close() {
        // Before the last look into it: whoever comes later looks himself.
        closed = true;
        flush();
    }

    /// Answers the queries and ends the requests that came when the owner had looked for the last time.
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
