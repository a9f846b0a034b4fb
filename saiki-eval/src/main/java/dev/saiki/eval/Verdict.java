package dev.saiki.eval;

/// The verdict that the interval of a loss difference allows.
public enum Verdict {
    /// The whole interval lies below zero: the loss is lower.
    BETTER,
    /// The whole interval lies above zero: the loss is higher.
    WORSE,
    /// The interval holds zero or is not known; nothing may be called a gain.
    UNDECIDED;

    /// Judges a difference.
    ///
    /// @param low lower end of its interval; NaN if there is none
    /// @param high upper end of its interval
    /// @return the judgement
    public static Verdict of(double low, double high) {
        if (high < 0) {
            return BETTER;
        }
        return low > 0 ? WORSE : UNDECIDED;
    }
}
