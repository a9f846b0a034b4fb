package dev.saiki.server.api;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/// Whether a server takes work, and how much is in it.
final class Presence {

    private final BooleanSupplier alive;
    private int atWork;
    private boolean ending;

    /// Begins with nothing at work.
    ///
    /// @param alive whether the engine can still work
    Presence(BooleanSupplier alive) {
        this.alive = alive;
    }

    /// Whether the engine can still work at all.
    boolean isAlive() {
        return alive.getAsBoolean();
    }

    /// Whether a request that comes now is worked on.
    synchronized boolean isReady() {
        return !ending && isAlive();
    }

    /// Lets a request in, unless the server ends.
    synchronized boolean enter() {
        if (ending) {
            return false;
        }
        atWork++;
        return true;
    }

    synchronized void leave() {
        atWork--;
        notifyAll();
    }

    /// Lets nobody in any more, and waits until all have left.
    ///
    /// @return whether they have
    synchronized boolean end(Duration most) {
        ending = true;
        long deadline = System.nanoTime() + most.toNanos();
        while (atWork > 0) {
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
