package dev.saiki.report.roi;

import java.util.random.RandomGenerator;

/// A number known within an interval, optionally with a likeliest value.
///
/// @param low least value
/// @param likely value that is reckoned with
/// @param high greatest value
/// @param shape how chance is spread over the interval
public record UncertainNumber(double low, double likely, double high, Shape shape) {

    /// The spread of chance over an interval.
    public enum Shape {
        /// All values alike.
        UNIFORM,
        /// The likely value most, and less and less towards the ends.
        TRIANGULAR
    }

    /// Makes a number that is known.
    ///
    /// @param value the number
    /// @return an interval of it alone
    public static UncertainNumber of(double value) {
        return new UncertainNumber(value, value, value, Shape.UNIFORM);
    }

    /// A share that differs by as much as was measured.
    UncertainNumber plus(UncertainNumber difference) {
        return new UncertainNumber(
                Math.clamp(low + difference.low, 0.0, 1.0),
                Math.clamp(likely + difference.likely, 0.0, 1.0),
                Math.clamp(high + difference.high, 0.0, 1.0),
                Shape.TRIANGULAR);
    }

    /// A number that is so many times greater as the share is less than 1.
    UncertainNumber over(UncertainNumber share) {
        return new UncertainNumber(
                low / share.high,
                likely / share.likely,
                high / Math.max(share.low, Double.MIN_NORMAL),
                Shape.TRIANGULAR);
    }

    /// Draws a value.
    ///
    /// @param random where chance comes from
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
