package dev.saiki.rollout.pair;

/// The mean depth of an answer and of its prompt, as reported by a Saiki server.
///
/// @param meanDepth recursions per token, on average
/// @param flops the FLOPs spent
/// @param flopsSaved FLOPs at full depth minus the FLOPs spent
public record Recursions(double meanDepth, long flops, long flopsSaved) {

    /// Returns the FLOPs spent divided by the FLOPs at full depth.
    ///
    /// @return the share, from 0 to 1
    public double flopsShare() {
        return flops + flopsSaved == 0 ? 1 : (double) flops / (flops + flopsSaved);
    }
}
