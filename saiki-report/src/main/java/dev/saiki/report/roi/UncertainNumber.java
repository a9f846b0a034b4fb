package dev.saiki.report.roi;

import java.util.random.RandomGenerator;

/// A number known within an interval, optionally with a likeliest value.
///
/// @param low lowest value
/// @param likely the value to use where a single value is needed
/// @param high highest value
/// @param shape the probability distribution over the interval
public record UncertainNumber(double low, double likely, double high, Shape shape) {

    /// A probability distribution over an interval.
    public enum Shape {
        /// All values are equally likely.
        UNIFORM,
        /// Highest at the likely value, falling linearly towards the ends.
        TRIANGULAR
    }

    /// Creates a number without uncertainty.
    ///
    /// @param value the number
    /// @return an interval that contains only this number
    public static UncertainNumber of(double value) {
        return new UncertainNumber(value, value, value, Shape.UNIFORM);
    }

    /// Adds a measured difference to a share, with the result clamped to [0, 1].
    UncertainNumber plus(UncertainNumber difference) {
        return new UncertainNumber(
                Math.clamp(low + difference.low, 0.0, 1.0),
                Math.clamp(likely + difference.likely, 0.0, 1.0),
                Math.clamp(high + difference.high, 0.0, 1.0),
                Shape.TRIANGULAR);
    }

    /// Divides the number by a share.
    UncertainNumber over(UncertainNumber share) {
        return new UncertainNumber(
                low / share.high,
                likely / share.likely,
                high / Math.max(share.low, Double.MIN_NORMAL),
                Shape.TRIANGULAR);
    }

    /// Draws a value.
    ///
    /// @param random source of random numbers
    /// @return a value of the interval
    double draw(RandomGenerator random) {
        double share = random.nextDouble();
        double width = high - low;
        return switch (shape) {
            case UNIFORM -> low + share * width;
            case TRIANGULAR ->
                share * width < likely - low
                        ? low + Math.sqrt(share * width * (likely - low))
                        : high - Math.sqrt((1 - share) * width * (high - likely));
        };
    }
}
