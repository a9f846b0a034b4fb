package dev.saiki.testkit;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/// A blocked thread that completes a future at a chosen moment, so that its continuations run on that thread.
public final class HeldThread implements AutoCloseable {

    private final CountDownLatch released = new CountDownLatch(1);
    private final CompletableFuture<Boolean> held = new CompletableFuture<>();

    private HeldThread() {}

    /// Holds the thread that completes a future, from then on until this is closed.
    ///
    /// @param future not complete yet; of one that is nothing is held
    /// @return to be closed
    public static HeldThread at(CompletableFuture<?> future) {
        HeldThread thread = new HeldThread();
        Thread caller = Thread.currentThread();
        CompletableFuture<Void> _ = future.thenRun(() -> thread.hold(caller));
        return thread;
    }

    /// Does something while the thread that completes futures is held.
    ///
    /// @param <T> what comes of it
    /// @param futures gives another future of that thread's each time, until one holds it
    /// @param action what is done; must not wait for the thread
    /// @return what came of it
    public static <T> T during(Supplier<? extends CompletableFuture<?>> futures, Supplier<T> action) {
        while (true) {
            try (HeldThread thread = at(futures.get())) {
                if (thread.isHeld()) {
                    return action.get();
                }
            }
        }
    }

    /// Waits until the future is complete.
    ///
    /// @return whether the thread is held; not if the future was complete before
    public boolean isHeld() {
        return held.join();
    }

    /// What follows a future is run by the caller if the future was complete before.
    private void hold(Thread caller) {
        boolean others = Thread.currentThread() != caller;
        held.complete(others);
        if (others) {
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        released.countDown();
    }
}
