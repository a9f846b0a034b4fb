package dev.saiki.server.generation;

import dev.saiki.engine.sampling.NonFiniteException;
import dev.saiki.http.ApiException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A wait for a result that the engine delivers as a whole instead of in parts.
public final class EngineResult {

    private EngineResult() {}

    /// Waits for a result.
    ///
    /// @param result the result of the engine
    /// @param most the longest wait
    /// @throws ApiException if the wait timed out, or the server is shutting down
    public static <T> T of(CompletableFuture<T> result, Duration most) {
        return of(result, System.nanoTime() + most.toNanos(), most);
    }

    /// Waits for a result that has the same deadline as other results.
    ///
    /// @param result the result of the engine
    /// @param deadline the common deadline, in the time of {@link System#nanoTime}
    /// @param most the time limit, for the message
    /// @throws ApiException if the wait timed out, or the server is shutting down
    public static <T> T of(CompletableFuture<T> result, long deadline, Duration most) {
        try {
            return result.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw ApiException.late(most);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ApiException.ending();
        } catch (CancellationException e) {
            throw ApiException.ending();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof NonFiniteException) {
                throw ApiException.notFinite();
            }
            throw new IllegalStateException("the engine failed", e);
        }
    }
}
