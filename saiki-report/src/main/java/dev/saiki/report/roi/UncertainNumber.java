package dev.saiki.report.roi;

import java.util.random.RandomGenerator;

/// A number known within a range: with a probability of 5 % the number lies below the range, with 5 % above it,
/// and with 50 % below its likely value. Stated and measured ranges mean the same.
///
/// The distribution is a two-piece normal one of the logarithm: each half has its own spread, and the number varies
/// by factors, so that a price or a speed never reaches 0. Only a range that begins at 0 or below has no logarithm;
/// there the number itself is two-piece normal. Uniform and triangular distributions were rejected: they need hard
/// bounds. Nobody knows such bounds for a price in two years, and a measured interval has none: it misses the true
/// value in one of ten measurements. Most measured intervals also come from the normal distribution.
///
/// @param low the 5 % quantile
/// @param likely the median; the value to use where a single value is needed
/// @param high the 95 % quantile
public record UncertainNumber(double low, double likely, double high) {

    /// The 95 % quantile of the standard normal distribution.
    private static final double QUANTILE = 1.6448536269514722;

    /// Creates a number without uncertainty.
    ///
    /// @param value the number
    /// @return a range that contains only this number
    public static UncertainNumber of(double value) {
        return new UncertainNumber(value, value, value);
    }

    /// Draws a value, which may lie outside the range.
    double draw(RandomGenerator random) {
        double deviation = random.nextGaussian() / QUANTILE;
        double end = deviation < 0 ? low : high;
        double share = Math.abs(deviation);
        return low > 0 ? likely * Math.pow(end / likely, share) : likely + share * (end - likely);
    }
}
