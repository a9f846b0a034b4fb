package dev.saiki.rollout.router;

import java.util.Locale;

/// A reason to follow the router no longer.
public enum RouterAlarm {
    /// The server's own circuit breaker is not closed, or was open since it was looked at last.
    BREAKER,
    /// Scores or logits were not finite since it was looked at last.
    NOT_FINITE,
    /// No token takes a recursion step that some should take.
    DEAD_STEP,
    /// Depths are farther from those of the training than the plan allows.
    DRIFT;

    /// Returns the word for it.
    ///
    /// @return in lower case
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
