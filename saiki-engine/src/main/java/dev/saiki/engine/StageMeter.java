package dev.saiki.engine;

/// The meter of a stage: its work and its waiting time.
final class StageMeter {

    /// Runs of other stages that a waiting stage lets pass.
    private static final int PATIENCE = 6;

    private final String name;
    private final long weightBytes;
    private long runs;
    private long rows;
    private long nanos;
    private int waitingRows;
    private int passedOver;

    StageMeter(String name, long weightBytes) {
        this.name = name;
        this.weightBytes = weightBytes;
    }

    /// Says how many rows wait for it.
    void await(int rowsNow) {
        waitingRows = rowsNow;
    }

    int waitingRows() {
        return waitingRows;
    }

    /// Whether it has waited for so many runs of others that it is its turn.
    boolean isStarved() {
        return passedOver >= PATIENCE;
    }

    /// Counts a run of some stage; one that has rows waiting was passed over, unless it was its own.
    void passOver() {
        passedOver += waitingRows > 0 ? 1 : 0;
    }

    void count(long rowsOfRun, long nanosOfRun) {
        runs++;
        rows += rowsOfRun;
        nanos += nanosOfRun;
        passedOver = 0;
    }

    EngineStatistics.Stage toStatistics() {
        return new EngineStatistics.Stage(name, runs, rows, nanos, weightBytes);
    }
}
