package dev.saiki.eval;

/// The verdict on a loss difference, derived from its interval.
public enum Verdict {
    /// The whole interval lies below zero: the loss is lower.
    BETTER,
    /// The whole interval lies above zero: the loss is higher.
    WORSE,
    /// The interval contains zero or is unknown; no gain may be claimed.
    UNDECIDED;

    /// Judges a difference.
    ///
    /// @param low lower end of the difference's interval; NaN without an interval
    /// @param high upper end of the difference's interval
    /// @return the verdict
    public static Verdict of(double low, double high) {
        if (high < 0) {
            return BETTER;
        }
        return low > 0 ? WORSE : UNDECIDED;
    }
}
