package dev.saiki.eval;

/// A mean with its 95 % confidence interval.
///
/// @param mean the mean
/// @param low lower end; NaN with fewer than two clusters
/// @param high upper end; NaN with fewer than two clusters
public record Interval(double mean, double low, double high) {

    /// The confidence level of the intervals.
    public static final double CONFIDENCE = 0.95;

    /// Creates the interval of an estimate.
    ///
    /// @param estimate a mean with its standard error over clusters
    /// @return the mean with its interval
    public static Interval of(Estimate estimate) {
        double margin = estimate.margin(CONFIDENCE);
        return new Interval(estimate.mean(), estimate.mean() - margin, estimate.mean() + margin);
    }

    /// Returns half the width of a mean's interval.
    ///
    /// @param standardError standard error of the mean
    /// @param observations number of independent observations
    /// @return half the width; NaN with fewer than two observations
    public static double margin(double standardError, int observations) {
        return new Estimate(0, standardError, observations).margin(CONFIDENCE);
    }

    /// Returns the factor by which to widen the interval of a difference that is the best of several, so that the
    /// interval errs no more often than one without selection (Bonferroni).
    ///
    /// @param choices number of differences among which the best was selected, at least 1
    /// @param freedom degrees of freedom of the interval, at least 1
    /// @return factor for both halves of the interval; 1 if `choices` is 1
    public static double widening(int choices, int freedom) {
        double tail = (1 - CONFIDENCE) / 2;
        return StudentT.quantile(1 - tail / choices, freedom) / StudentT.quantile(1 - tail, freedom);
    }

    /// Returns the interval corrected for the selection of this mean as the best of several.
    ///
    /// @param choices number of means that this mean was selected from, at least 1
    /// @param freedom degrees of freedom of the interval; below 1 the interval is returned unchanged
    /// @return the same mean with a wider interval
    public Interval widened(int choices, int freedom) {
        double factor = freedom < 1 ? 1 : widening(choices, freedom);
        return new Interval(mean, mean + factor * (low - mean), mean + factor * (high - mean));
    }

    /// Tells whether the interval excludes zero, so that the sign is known.
    ///
    /// @return whether the interval excludes zero
    public boolean isClear() {
        return low > 0 || high < 0;
    }
}
