package dev.saiki.server.deployment;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/// Whether a server takes work, and how much is in it.
public final class Presence {

    private final BooleanSupplier alive;
    private int atWork;
    private boolean ending;

    /// Begins with nothing at work.
    ///
    /// @param alive whether the engine can still work
    public Presence(BooleanSupplier alive) {
        this.alive = alive;
    }

    /// Whether the engine can still work at all.
    public boolean isAlive() {
        return alive.getAsBoolean();
    }

    /// Whether a request that comes now is worked on.
    public synchronized boolean isReady() {
        return !ending && isAlive();
    }

    /// Lets a request in, unless the server ends.
    public synchronized boolean enter() {
        if (ending) {
            return false;
        }
        atWork++;
        return true;
    }

    public synchronized void leave() {
        atWork--;
        notifyAll();
    }

    /// Lets nobody in any more, and waits until all have left.
    ///
    /// @return whether they have
    public synchronized boolean end(Duration most) {
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
