package dev.saiki.model;

import dev.saiki.checkpoint.config.ExitPoints;

/// The early-exit rule for a model that was trained without exits (CALM, Schuster et al., arXiv:2207.07061).
///
/// A token exits at the first exit point where its confidence reaches the threshold. The head predicts from the
/// token's last state. The token's last state is also copied to the skipped layers, which turn it into the keys
/// and values that later tokens read. Whether a token exits does not depend on later tokens.
///
/// @param points the exit points
/// @param confidence the measure to compare with the threshold
/// @param threshold the minimum confidence for an exit; above 1 no token exits, and at −1 all tokens exit at
///     the first point
public record EarlyExit(ExitPoints points, Confidence confidence, double threshold) {

    /// A threshold above every confidence, at which no token exits.
    public static final double NEVER = 2;

    /// The confidence measure of early exits.
    public enum Confidence {
        /// The probability of the likeliest token minus that of the second likeliest, from the head on the
        /// normalised state. In [0, 1]; costs one head evaluation per exit point.
        SOFTMAX,
        /// The cosine between the state and the state at the previous exit point (at the first one: the
        /// embedding). In [−1, 1]; costs next to nothing.
        SATURATION
    }

    /// Checks the threshold.
    public EarlyExit {
        if (Double.isNaN(threshold)) {
            throw new IllegalArgumentException("the threshold of early exits is not a number");
        }
    }

    /// Returns the rule with another threshold.
    ///
    /// @param value the minimum confidence to exit
    /// @return the copy
    public EarlyExit withThreshold(double value) {
        return new EarlyExit(points, confidence, value);
    }
}
