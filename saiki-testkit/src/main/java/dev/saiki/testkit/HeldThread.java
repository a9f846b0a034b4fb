package dev.saiki.testkit;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/// A handle to the thread that completes a future. From the moment of completion, the thread is blocked until the
/// handle is closed.
public final class HeldThread implements AutoCloseable {

    private final CountDownLatch released = new CountDownLatch(1);
    private final CompletableFuture<Boolean> held = new CompletableFuture<>();

    private HeldThread() {}

    /// Blocks the thread that completes a future; from the moment of completion, the thread is blocked until the
    /// handle is closed.
    ///
    /// @param future an incomplete future; if the future is already complete, no thread is blocked
    /// @return the handle, for the caller to close
    public static HeldThread at(CompletableFuture<?> future) {
        HeldThread thread = new HeldThread();
        Thread caller = Thread.currentThread();
        CompletableFuture<Void> _ = future.thenRun(() -> thread.hold(caller));
        return thread;
    }

    /// Performs an action while the thread that completes futures is blocked.
    ///
    /// @param <T> the type of the result
    /// @param futures supplies, on each call, a new future that the thread completes; called until a future blocks
    ///     the thread
    /// @param action the action, which must not wait for the thread
    /// @return the action's result
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
    /// @return whether the thread is blocked; false if the future was already complete
    public boolean isHeld() {
        return held.join();
    }

    /// Blocks this thread, unless it is the caller's: the continuation runs on the caller's thread if the future
    /// was already complete.
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
