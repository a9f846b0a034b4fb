package dev.saiki.rollout.pair;

/// The mean depth of an answer and of its prompt, as reported by a Saiki server.
///
/// @param meanDepth recursions of a token, in the mean
/// @param flops what was computed
/// @param flopsSaved what would have been more if each token had taken all recursions
public record Recursions(double meanDepth, long flops, long flopsSaved) {

    /// Returns the share of the arithmetic at full depth that was done.
    ///
    /// @return from 0 to 1
    public double flopsShare() {
        return flops + flopsSaved == 0 ? 1 : (double) flops / (flops + flopsSaved);
    }
}
