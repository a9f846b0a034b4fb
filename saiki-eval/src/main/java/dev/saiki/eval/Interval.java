package dev.saiki.eval;

/// A mean with its 95 % confidence interval.
///
/// @param mean the mean
/// @param low lower end; NaN from fewer than two clusters
/// @param high upper end; NaN from fewer than two clusters
public record Interval(double mean, double low, double high) {

    /// How often such intervals hold the true mean.
    public static final double CONFIDENCE = 0.95;

    /// Makes the interval of an estimate.
    ///
    /// @param estimate a mean with its standard error over clusters
    /// @return the mean with its interval
    public static Interval of(Estimate estimate) {
        double margin = estimate.margin(CONFIDENCE);
        return new Interval(estimate.mean(), estimate.mean() - margin, estimate.mean() + margin);
    }

    /// Returns half the width of a mean's interval.
    ///
    /// @param standardError of the mean
    /// @param observations independent observations behind it
    /// @return the width; NaN from fewer than two observations
    public static double margin(double standardError, int observations) {
        return new Estimate(0, standardError, observations).margin(CONFIDENCE);
    }

    /// Tells how much wider the interval of a difference has to be that was chosen as the best of several, so that it
    /// misses the truth no more often than one that was not chosen (Bonferroni).
    ///
    /// @param choices differences that it was chosen from, at least 1
    /// @param freedom degrees of freedom of the interval, at least 1
    /// @return factor on both of its halves; 1 without a choice
    public static double widening(int choices, int freedom) {
        double tail = (1 - CONFIDENCE) / 2;
        return StudentT.quantile(1 - tail / choices, freedom) / StudentT.quantile(1 - tail, freedom);
    }

    /// Returns the interval that the mean has as the best of several.
    ///
    /// @param choices means that it was chosen from, at least 1
    /// @param freedom degrees of freedom of the interval; below 1 nothing is changed
    /// @return the same mean with a wider interval
    public Interval widened(int choices, int freedom) {
        double factor = freedom < 1 ? 1 : widening(choices, freedom);
        return new Interval(mean, mean + factor * (low - mean), mean + factor * (high - mean));
    }

    /// Tells whether the interval leaves out zero, so that the sign is known.
    ///
    /// @return whether it does
    public boolean isClear() {
        return low > 0 || high < 0;
    }
}
