package dev.saiki.engine.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A small fixed pool of threads that run one loop together: the caller and the pool's daemon threads take
/// parts of the loop until no part is left.
///
/// Each thread first runs the parts of its own range, one after another, and then helps with the remaining ranges.
/// Neighbouring parts are usually neighbours in memory, and a processor's prefetch loses its stream at every jump.
/// A single counter for all threads would make each thread jump at every part.
///
/// A decode step runs some 200 loops of a few dozen microseconds each and waits for the end of each one (a join),
/// so a join must cost no more than about one microsecond. Waiting threads therefore spin for a while before they
/// sleep. `java.util.concurrent.ForkJoinPool` does not do this: its idle threads park at once, and waking one
/// took tens of microseconds on a virtual machine, as long as the work itself.
///
/// It is undefined which thread runs a part; the result of a kernel must not depend on it. Any thread may call
/// {@link #run}, even within a part. The call cannot deadlock: the caller runs all parts that no other thread has
/// started, and waits only for parts that have started.
public final class WorkerPool implements AutoCloseable {

    /// The nanoseconds that a thread spins before it sleeps. The time is longer than the serial sections of a
    /// decode step (rotary embedding, sampling), and short enough not to matter on a machine without requests.
    private static final long SPIN_NANOS = 100_000;

    private final List<Worker> pool = new ArrayList<>();
    private volatile Job current = new Job(0, 1, _ -> {}, Thread.currentThread());
    private volatile boolean closed;

    /// The body of a loop.
    @FunctionalInterface
    public interface Part {

        /// Runs one part; parts run concurrently and in any order.
        ///
        /// @param part index of the part, from 0
        void run(int part);
    }

    private WorkerPool(int threads) {
        for (int i = 1; i < threads; i++) {
            pool.add(new Worker(i));
        }
        pool.forEach(Thread::start);
    }

    /// Starts a pool.
    ///
    /// @param threads number of threads that run parts, including the caller; at least 1
    /// @return the pool, to be closed
    public static WorkerPool of(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, got " + threads);
        }
        return new WorkerPool(threads);
    }

    /// Returns the number of threads that run parts.
    ///
    /// @return the number of threads, including the caller
    public int threads() {
        return pool.size() + 1;
    }

    /// Runs parts 0 to `parts` - 1 and returns when all have ended.
    ///
    /// If a part fails, parts that have not started are skipped, and the exception is rethrown.
    ///
    /// @param parts number of parts; several times the number of threads balances the load best
    /// @param body runs one part
    /// @throws IllegalStateException if the pool is closed
    public void run(int parts, Part body) {
        if (closed) {
            throw new IllegalStateException("the workers are closed");
        }
        if (parts <= 1 || pool.isEmpty()) {
            for (int part = 0; part < parts; part++) {
                body.run(part);
            }
            return;
        }
        Job job = new Job(parts, threads(), body, Thread.currentThread());
        current = job;
        for (Worker worker : pool) {
            worker.wake();
        }
        job.takeParts(0);
        job.join();
    }

    /// Ends each of the pool's threads after the loop that the thread is helping to run.
    @Override
    public void close() {
        closed = true;
        for (Worker worker : pool) {
            LockSupport.unpark(worker);
        }
    }

    /// One run of a loop. A thread that arrives late finds all ranges exhausted, so a stale job does no harm.
    private static final class Job {

        private final int parts;
        private final Part body;
        private final Thread caller;
        private final AtomicInteger[] taken;
        private final AtomicInteger ended = new AtomicInteger();
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private volatile boolean callerSleeps;

        Job(int parts, int threads, Part body, Thread caller) {
            this.parts = parts;
            this.body = body;
            this.caller = caller;
            this.taken = new AtomicInteger[threads];
            for (int thread = 0; thread < threads; thread++) {
                taken[thread] = new AtomicInteger(start(thread, threads));
            }
        }

        private int start(int thread, int threads) {
            return (int) ((long) parts * thread / threads);
        }

        /// Runs the remaining parts of a thread's own range, and then remaining parts of the other ranges.
        void takeParts(int thread) {
            for (int i = 0; i < taken.length; i++) {
                takeRange((thread + i) % taken.length);
            }
        }

        private void takeRange(int range) {
            AtomicInteger next = taken[range];
            int end = start(range + 1, taken.length);
            for (int part = next.getAndIncrement(); part < end; part = next.getAndIncrement()) {
                runPart(part);
                // The caller sets its sleep flag before it reads the count, and here the count is incremented
                // before the flag is read. So at least one of the two threads sees the other's change.
                if (ended.incrementAndGet() == parts && callerSleeps) {
                    LockSupport.unpark(caller);
                }
            }
        }

        private void runPart(int part) {
            if (failure.get() != null) {
                return;
            }
            try {
                body.run(part);
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            }
        }

        void join() {
            long start = System.nanoTime();
            while (ended.get() < parts && System.nanoTime() - start < SPIN_NANOS) {
                Thread.onSpinWait();
            }
            if (ended.get() < parts) {
                callerSleeps = true;
                while (ended.get() < parts) {
                    LockSupport.park(this);
                }
            }
            switch (failure.get()) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable e -> throw new IllegalStateException("a part threw a checked exception", e);
            }
        }
    }

    private final class Worker extends Thread {

        /// The job that was current at construction. A job that is submitted before this thread runs is
        /// therefore not missed.
        private final Job before = current;

        private final int number;
        private volatile boolean sleeps;

        Worker(int number) {
            super("saiki-worker-" + number);
            this.number = number;
            setDaemon(true);
        }

        void wake() {
            if (sleeps) {
                LockSupport.unpark(this);
            }
        }

        @Override
        public void run() {
            Job last = before;
            while (!closed) {
                Job next = awaitOtherThan(last);
                next.takeParts(number);
                last = next;
            }
        }

        /// Waits for a job other than the last one; returns the last one if the pool is closed meanwhile.
        private Job awaitOtherThan(Job last) {
            long start = System.nanoTime();
            while (current == last && System.nanoTime() - start < SPIN_NANOS) {
                Thread.onSpinWait();
            }
            if (current == last) {
                sleeps = true;
                while (current == last && !closed) {
                    LockSupport.park(WorkerPool.this);
                }
                sleeps = false;
            }
            return current;
        }
    }
}
