package dev.saiki.train;

/// A clock of training time; it stops during validation and saving.
final class Stopwatch {

    private long running;
    private long since = System.nanoTime();

    void halt() {
        running += System.nanoTime() - since;
    }

    void goOn() {
        since = System.nanoTime();
    }

    /// Seconds so far; only while it runs.
    double seconds() {
        return (running + System.nanoTime() - since) * 1e-9;
    }
}
