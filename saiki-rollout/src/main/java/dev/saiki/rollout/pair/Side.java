package dev.saiki.rollout.pair;

/// One of the two models of a rollout.
public enum Side implements Word {
    /// The current model.
    BASELINE,
    /// The model that may replace the baseline.
    CANDIDATE;

    /// Returns the opposite side.
    ///
    /// @return the other model
    public Side other() {
        return this == BASELINE ? CANDIDATE : BASELINE;
    }
}
