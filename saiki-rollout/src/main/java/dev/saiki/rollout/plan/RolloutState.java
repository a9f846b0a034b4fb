package dev.saiki.rollout.plan;

import java.util.Locale;

/// A state of a rollout, which decides who answers.
public enum RolloutState {
    /// The baseline answers all; a share is asked of the candidate too, in the background.
    SHADOW,
    /// The candidate answers a share, with every token as deep as its model goes.
    CANARY,
    /// The candidate answers a share, with the effort that is certified for it.
    CERTIFIED,
    /// The candidate answers all; a share is asked of the baseline too, in the background.
    FULL,
    /// The candidate answers all, and the baseline is needed no more.
    RETIRED,
    /// The baseline answers all, since the candidate was found worse, or someone has said so.
    ABORTED;

    /// Returns the word for it.
    ///
    /// @return in lower case
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
