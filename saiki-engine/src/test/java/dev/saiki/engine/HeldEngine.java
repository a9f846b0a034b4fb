package dev.saiki.engine;

import dev.saiki.engine.settings.RouteSettings;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/// Gives an engine several requests at once, however fast it is: its thread is held until all are handed over.
final class HeldEngine {

    private HeldEngine() {}

    /// Runs `requests` while the engine's thread stands still at the end of a text of its own.
    ///
    /// @return what `requests` returned
    static <T> T atOnce(Engine engine, Supplier<T> requests) {
        Thread caller = Thread.currentThread();
        CountDownLatch handedOver = new CountDownLatch(1);
        try {
            boolean held = false;
            while (!held) {
                CompletableFuture<Boolean> reached = new CompletableFuture<>();
                CompletableFuture<Void> _ = engine.embed(new int[] {1}, RouteSettings.within(1, 1))
                        .thenRun(() -> hold(caller, reached, handedOver));
                held = reached.join();
            }
            return requests.get();
        } finally {
            handedOver.countDown();
        }
    }

    /// What follows a result is run by the engine's thread, or by the caller's if the result was there before.
    private static void hold(Thread caller, CompletableFuture<Boolean> reached, CountDownLatch handedOver) {
        boolean engines = Thread.currentThread() != caller;
        reached.complete(engines);
        if (engines) {
            try {
                handedOver.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
