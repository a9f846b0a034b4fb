package dev.saiki.evidence;

/// A confidence sequence for the mean of the latest numbers in \[0, 1\]: it restarts after each block, covers the
/// last complete block and the numbers after it, and splits the error over the blocks as 1/(k (k + 1)).
final class RecentMean {

    private final int block;
    private long blocks;
    private MeanTracker older;
    private MeanTracker newer;

    /// Resumes.
    ///
    /// @param block number of observations per block
    /// @param state of earlier numbers
    RecentMean(int block, State state) {
        this.block = block;
        this.blocks = state.blocks();
        this.older = new MeanTracker(state.older());
        this.newer = new MeanTracker(state.newer());
    }

    /// The sums over the numbers so far, by block.
    ///
    /// @param blocks complete ones so far
    /// @param older numbers from the beginning of the last complete block
    /// @param newer numbers after it
    record State(long blocks, MeanTracker.State older, MeanTracker.State newer) {

        /// No numbers.
        static final State NONE = new State(0, MeanTracker.State.NONE, MeanTracker.State.NONE);
    }

    State state() {
        return new State(blocks, older.state(), newer.state());
    }

    void observe(double x) {
        older.observe(x);
        newer.observe(x);
        if (newer.state().count() == block) {
            blocks++;
            older = newer;
            newer = new MeanTracker(MeanTracker.State.NONE);
        }
    }

    /// The upper bound on the recent mean.
    ///
    /// @param error probability that the mean of any block ever exceeds it
    double upper(double error) {
        long k = Math.max(1, blocks);
        return older.upper(error / (k * (k + 1.0)));
    }
}
