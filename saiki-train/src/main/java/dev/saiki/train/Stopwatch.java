package dev.saiki.train;

/// Time spent on training proper: it is halted while held-out text is scored and while states are saved.
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
