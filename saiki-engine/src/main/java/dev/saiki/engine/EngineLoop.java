package dev.saiki.engine;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.ContentHash;
import dev.saiki.engine.cache.PagePool;
import dev.saiki.engine.kernel.WorkerPool;
import dev.saiki.engine.model.EngineWeights;
import dev.saiki.engine.model.Stages;
import dev.saiki.engine.reference.RouterReference;
import dev.saiki.engine.settings.EngineOptions;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The thread that owns a model and all its working memory, with the queue of requests to the model. All
/// {@link Engine}s of one model, with or without an adapter, share one loop.
final class EngineLoop implements AutoCloseable {

    private final CheckpointDirectory checkpoint;
    private final WorkerPool workers;
    private final PagePool pool;
    private final EngineWeights weights;
    private final Scheduler scheduler;
    private final RouterBreaker breaker;
    private final Thread thread;
    private final Mailbox mailbox;
    private final AtomicLong numbers = new AtomicLong();
    private final AtomicBoolean freed = new AtomicBoolean();
    private @Nullable String contentHash;
    private volatile RouterBreaker.Overruled overruled = RouterBreaker.Overruled.NONE;
    private volatile OptionalLong longestWaitSince = OptionalLong.empty();
    private volatile boolean closed;

    EngineLoop(CheckpointDirectory checkpoint, EngineOptions options, EngineWeights weights) {
        this.checkpoint = checkpoint;
        this.weights = weights;
        this.workers = WorkerPool.of(options.threads());
        Stages stages = new Stages(weights, workers);
        this.pool = EngineParts.pool(weights, stages.cacheShape(), options);
        this.breaker = new RouterBreaker(RouterReference.of(checkpoint), options.breaker());
        this.scheduler = new Scheduler(stages, checkpoint.config(), options, pool, breaker);
        this.thread = Thread.ofPlatform().name("saiki-engine").daemon().unstarted(this::run);
        this.mailbox = new Mailbox(scheduler, thread, options.maxWaiting());
    }

    void start() {
        thread.start();
    }

    /// The main loop of the thread that owns the model.
    private void run() {
        try {
            while (!closed) {
                mailbox.takeSubmitted();
                mailbox.answerQueries();
                longestWaitSince = scheduler.longestWaitSince();
                if (scheduler.isIdle()) {
                    LockSupport.park(this);
                } else {
                    scheduler.step(System.nanoTime());
                    overruled = breaker.overruled();
                }
            }
            endAll(new IllegalStateException("the engine was closed"));
        } catch (RuntimeException | Error e) {
            closed = true;
            endAll(e);
        } finally {
            mailbox.close();
        }
    }

    private void endAll(Throwable cause) {
        mailbox.takeSubmitted();
        scheduler.endAll(FinishReason.FAILED, Optional.of(cause));
    }

    /// The pool of pages for keys and values.
    PagePool pool() {
        return pool;
    }

    EngineWeights weights() {
        return weights;
    }

    /// Returns the maximum number of pages that a sequence can take.
    int maxPages(int tokens) {
        return scheduler.maxPages(tokens);
    }

    boolean isRunning() {
        return !closed;
    }

    boolean overrulesRouter(String owner) {
        return overruled.has(owner);
    }

    int waiting() {
        return mailbox.waiting();
    }

    OptionalLong longestWaitSince() {
        return longestWaitSince;
    }

    /// The content hash of the model; the first call reads the whole model.
    synchronized String contentHash() {
        if (contentHash == null) {
            contentHash = ContentHash.of(checkpoint);
        }
        return contentHash;
    }

    /// A number that increases with every request.
    long nextNumber() {
        return numbers.getAndIncrement();
    }

    void submit(Sequence sequence) {
        if (closed) {
            throw new IllegalStateException("the engine is closed");
        }
        mailbox.submit(sequence);
    }

    /// Ends a sequence before the next stage.
    void cancel(Sequence sequence) {
        sequence.cancel();
        LockSupport.unpark(thread);
    }

    <T> CompletableFuture<T> query(Function<Scheduler, T> query) {
        return mailbox.query(query);
    }

    /// Ends all requests and frees the memory. A second call has no effect.
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        awaitThread();
        if (freed.compareAndSet(false, true)) {
            workers.close();
            pool.close();
            weights.close();
        }
    }

    private void awaitThread() {
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
