package dev.saiki.evidence;

/// A confidence sequence for the mean of the latest numbers in \[0, 1\]: it restarts after each block, covers the
/// last whole block and what followed, and splits the error over the blocks as 1/(k (k + 1)).
final class RecentMean {

    private final int block;
    private long blocks;
    private MeanTracker older;
    private MeanTracker newer;

    /// Goes on.
    ///
    /// @param block numbers in a block
    /// @param state of earlier numbers
    RecentMean(int block, State state) {
        this.block = block;
        this.blocks = state.blocks();
        this.older = new MeanTracker(state.older());
        this.newer = new MeanTracker(state.newer());
    }

    /// The numbers so far, by blocks.
    ///
    /// @param blocks whole ones so far
    /// @param older numbers from the last whole block on
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

    /// The bound that the recent mean stays below.
    ///
    /// @param error probability that it ever does not, over all blocks
    double upper(double error) {
        long k = Math.max(1, blocks);
        return older.upper(error / (k * (k + 1.0)));
    }
}
