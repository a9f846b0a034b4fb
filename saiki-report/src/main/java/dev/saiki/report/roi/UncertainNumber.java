package dev.saiki.report.roi;

import java.util.random.RandomGenerator;

/// A number that is known within an interval, of which one value may be the likeliest.
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
