package dev.saiki.model;

import dev.saiki.checkpoint.config.ExitPoints;

/// The early-exit rule for a model that was trained without exits (CALM, Schuster et al., arXiv:2207.07061).
///
/// A token leaves at the first place where its confidence reaches the threshold. Its prediction is the head's on
/// its last state, and that state is copied to the layers it skips, to make their keys and values for the tokens
/// after it. Whether it leaves depends on nothing that comes later.
///
/// @param points where tokens may leave
/// @param confidence what is compared with the threshold
/// @param threshold minimum confidence to exit; above 1 no token exits, at −1 all at the first place
public record EarlyExit(ExitPoints points, Confidence confidence, double threshold) {

    /// Above every confidence.
    public static final double NEVER = 2;

    /// The confidence measure of early exits.
    public enum Confidence {
        /// The probability that the head, on the normalised state, gives to the likeliest token, less that of the
        /// second likeliest. In [0, 1]; costs the head at every place.
        SOFTMAX,
        /// The cosine between the state and that at the place before; at the first place, and the embedding. In
        /// [−1, 1]; costs next to nothing.
        SATURATION
    }

    /// Checks the threshold.
    public EarlyExit {
        if (Double.isNaN(threshold)) {
            throw new IllegalArgumentException("the threshold of early exits is not a number");
        }
    }

    /// Copies the rule with another threshold.
    ///
    /// @param value least confidence of a token that leaves
    /// @return the copy
    public EarlyExit withThreshold(double value) {
        return new EarlyExit(points, confidence, value);
    }
}
