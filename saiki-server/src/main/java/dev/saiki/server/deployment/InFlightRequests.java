package dev.saiki.server.deployment;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/// The count of requests in flight, for which a shutdown waits, and the readiness of the server to accept
/// requests.
public final class InFlightRequests {

    private final BooleanSupplier alive;
    private int inFlight;
    private boolean warm;
    private boolean ending;
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
        return !warm && !ending;
    }

    /// Whether the engine works.
    public boolean isAlive() {
        return alive.getAsBoolean();
    }

    /// Whether load balancers should send requests: the server would answer them as fast as later ones, and is not
    /// about to end.
    public synchronized boolean isReady() {
        return warm && !ending && isAlive();
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

    /// Marks the server as not ready, because it ends soon. It still admits requests.
    public synchronized void announceEnd() {
        ending = true;
    }

    /// Admits no more requests, and waits until all have ended.
    ///
    /// @param most the longest wait
    /// @return whether all have ended in time
    public synchronized boolean drain(Duration most) {
        ending = true;
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
