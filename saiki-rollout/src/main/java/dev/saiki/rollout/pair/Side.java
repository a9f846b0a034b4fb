package dev.saiki.rollout.pair;

import java.util.Locale;

/// One of the two models of a rollout.
public enum Side {
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

    /// Returns the side's name.
    ///
    /// @return the name in lower case
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
