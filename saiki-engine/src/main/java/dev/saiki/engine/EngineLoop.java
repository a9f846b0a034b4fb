package dev.saiki.engine;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/// The loop of an engine: the one thread that owns the scheduler, and the mailbox through which others reach it.
///
/// Requests and queries are taken at every border of a stage. Safe for any number of threads.
final class EngineLoop {

    private final Scheduler scheduler;
    private final RouterBreaker breaker;
    private final int maxWaiting;
    private final ConcurrentLinkedQueue<Sequence> submitted = new ConcurrentLinkedQueue<>();
    private final AtomicInteger numSubmitted = new AtomicInteger();
    private final ConcurrentLinkedQueue<Runnable> queries = new ConcurrentLinkedQueue<>();
    private final ReentrantLock afterEnd = new ReentrantLock();
    private final Thread thread;
    private volatile int waiting;
    private volatile boolean overrulesRouter;
    private volatile boolean closed;

    /// Whether the thread has ended, so that those who come do themselves what is left to do.
    private volatile boolean ended;

    /// Makes a loop that does not run yet.
    ///
    /// @param scheduler that it owns
    /// @param breaker of the scheduler's router
    /// @param maxWaiting most requests that wait
    EngineLoop(Scheduler scheduler, RouterBreaker breaker, int maxWaiting) {
        this.scheduler = scheduler;
        this.breaker = breaker;
        this.maxWaiting = maxWaiting;
        this.thread = Thread.ofPlatform().name("saiki-engine").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    boolean isRunning() {
        return !closed;
    }

    /// Counts the requests that wait, as they were a moment ago.
    int waiting() {
        return numSubmitted.get() + waiting;
    }

    /// Whether tokens took all recursions a moment ago, since the router is not trusted.
    boolean overrulesRouter() {
        return overrulesRouter;
    }

    /// Puts a sequence into the mailbox.
    ///
    /// @throws QueueFullException if as many requests wait as may
    /// @throws IllegalStateException if the engine is closed
    void submit(Sequence sequence) {
        if (closed) {
            throw new IllegalStateException("the engine is closed");
        }
        if (numSubmitted.incrementAndGet() + waiting > maxWaiting) {
            numSubmitted.decrementAndGet();
            throw new QueueFullException(maxWaiting);
        }
        submitted.add(sequence);
        wake();
    }

    /// Ends a sequence at the next border of a stage.
    void cancel(Sequence sequence) {
        sequence.cancel();
        LockSupport.unpark(thread);
    }

    /// Asks the scheduler at the next border of a stage.
    ///
    /// @return a result, which is completed on the engine's thread
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
        LockSupport.unpark(thread);
        if (ended) {
            flushMailbox();
        }
    }

    private void run() {
        try {
            while (!closed) {
                takeSubmitted();
                answerQueries();
                if (scheduler.isIdle()) {
                    LockSupport.park(this);
                } else {
                    scheduler.step(System.nanoTime());
                    overrulesRouter = breaker.overrules();
                    waiting = scheduler.waiting();
                }
            }
            takeSubmitted();
            scheduler.endAll(FinishReason.FAILED, Optional.of(new IllegalStateException("the engine was closed")));
        } catch (RuntimeException | Error e) {
            closed = true;
            takeSubmitted();
            scheduler.endAll(FinishReason.FAILED, Optional.of(e));
        } finally {
            // Before the last look into the mailbox: whoever comes later looks himself.
            ended = true;
            flushMailbox();
        }
    }

    /// Answers the queries and ends the requests that came when the thread had looked for the last time.
    private void flushMailbox() {
        afterEnd.lock();
        try {
            answerQueries();
            for (Sequence next = submitted.poll(); next != null; next = submitted.poll()) {
                numSubmitted.decrementAndGet();
                next.end(FinishReason.FAILED, Optional.of(new IllegalStateException("the engine is closed")));
            }
        } finally {
            afterEnd.unlock();
        }
    }

    private void takeSubmitted() {
        for (Sequence next = submitted.poll(); next != null; next = submitted.poll()) {
            scheduler.add(next);
            waiting = scheduler.waiting();
            numSubmitted.decrementAndGet();
        }
    }

    private void answerQueries() {
        for (Runnable next = queries.poll(); next != null; next = queries.poll()) {
            next.run();
        }
    }

    /// Ends everything that is at work, and waits for the thread's end. Closing it again does nothing.
    void close() {
        closed = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
