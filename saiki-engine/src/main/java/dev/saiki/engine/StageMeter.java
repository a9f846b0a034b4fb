package dev.saiki.engine;

/// The meter of a stage: counts the stage's work, and how often in a row the stage has been passed over.
final class StageMeter {

    /// The number of other stages' runs after which a waiting stage takes precedence.
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

    /// Sets the number of rows waiting for the stage.
    void await(int rowsNow) {
        waitingRows = rowsNow;
    }

    /// Returns the rows of a run for each byte of weights that the run reads.
    ///
    /// @param most maximum number of rows of a run
    double rowsPerByte(int most) {
        return Math.min(waitingRows, most) / (double) Math.max(1, weightBytes);
    }

    /// Whether the stage has been passed over so often that it takes precedence.
    boolean isStarved() {
        return passedOver >= PATIENCE;
    }

    /// Counts a run of another stage if rows are waiting for this stage; a run of this stage sets the count
    /// back to zero.
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
