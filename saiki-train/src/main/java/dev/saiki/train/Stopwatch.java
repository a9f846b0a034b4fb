package dev.saiki.train;

/// A clock of training time that is paused during validation and saving.
final class Stopwatch {

    private long running;
    private long since = System.nanoTime();

    void pause() {
        running += System.nanoTime() - since;
    }

    void resume() {
        since = System.nanoTime();
    }

    /// The seconds of training so far; valid only while the clock runs.
    double seconds() {
        return (running + System.nanoTime() - since) * 1e-9;
    }
}
