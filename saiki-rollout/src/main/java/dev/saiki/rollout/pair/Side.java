package dev.saiki.rollout.pair;

import java.util.Locale;

/// One of the two models of a rollout.
public enum Side {
    /// The model that is there.
    BASELINE,
    /// The model that may take its place.
    CANDIDATE;

    /// Returns the opposite one.
    ///
    /// @return the model that is not this one
    public Side other() {
        return this == BASELINE ? CANDIDATE : BASELINE;
    }

    /// Returns the word for it.
    ///
    /// @return in lower case
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
