package dev.saiki.rollout.pair;

/// What is wrong with an answer that a client cannot use.
public enum Fault implements Word {
    /// The answer ended properly and has neither text nor a tool call.
    EMPTY,
    /// The connection or a line broke, or the end or the requested usage is missing.
    TORN,
    /// The answer is not JSON, has no choices, or has a tool call that does not parse or does not fit its schema.
    MALFORMED,
    /// The status is from 400 to 499.
    REFUSED,
    /// The side could not be reached, the status is another error, or the answer reports an error.
    FAILED,
    /// The first byte did not arrive in time.
    LATE_BEGINNING,
    /// The next piece did not arrive in time.
    STALLED,
    /// The last byte did not arrive in time.
    LATE_END;

    /// Tells whether a time limit expired.
    ///
    /// @return whether the side was too slow
    public boolean isTimeout() {
        return this == LATE_BEGINNING || this == STALLED || this == LATE_END;
    }
}
