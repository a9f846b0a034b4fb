package dev.saiki.server.deployment;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/// The count of requests in flight, for which a shutdown waits, and the readiness of the server to accept
/// requests.
public final class InFlightRequests {

    private final BooleanSupplier alive;
    private int inFlight;
    private boolean warm;
    private boolean draining;

    /// Starts without requests.
    ///
    /// @param alive whether the engine works
    /// @param warm whether the server already answers as fast as it will later
    public InFlightRequests(BooleanSupplier alive, boolean warm) {
        this.alive = alive;
        this.warm = warm;
    }

    /// Marks the server as warm.
    public synchronized void becomeWarm() {
        warm = true;
    }

    /// Whether the server still warms up: it accepts requests, but answers them slowly.
    public synchronized boolean isWarmingUp() {
        return !warm && !draining;
    }

    /// Whether the engine works.
    public boolean isAlive() {
        return alive.getAsBoolean();
    }

    /// Whether the server accepts a new request, and would answer it as fast as later ones.
    public synchronized boolean isReady() {
        return warm && !draining && isAlive();
    }

    /// Admits a request, unless the server is shutting down.
    public synchronized boolean enter() {
        if (draining) {
            return false;
        }
        inFlight++;
        return true;
    }

    /// Removes a request that has ended.
    public synchronized void leave() {
        inFlight--;
        notifyAll();
    }

    /// Admits no more requests, and waits until all have ended.
    ///
    /// @param most the longest wait
    /// @return whether all have ended in time
    public synchronized boolean drain(Duration most) {
        draining = true;
        return awaitNone(most);
    }

    /// Waits until no request is in flight.
    ///
    /// @param most the longest wait
    /// @return whether no request is left
    public synchronized boolean awaitNone(Duration most) {
        long deadline = System.nanoTime() + most.toNanos();
        while (inFlight > 0) {
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                return false;
            }
            try {
                wait(millis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }
}
