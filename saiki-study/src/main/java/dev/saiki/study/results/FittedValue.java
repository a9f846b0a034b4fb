package dev.saiki.study.results;

import java.util.Optional;

/// A fitted number with its interval, or the reason that there is none.
///
/// @param value the number
/// @param low lower end of its interval
/// @param high upper end of its interval
/// @param problem why it cannot be fitted, a sentence's end after "cannot be fitted, because"; empty if it can
public record FittedValue(Optional<Double> value, Optional<Double> low, Optional<Double> high, String problem) {
    /// Makes a number that was fitted.
    ///
    /// @param value the number
    /// @param low lower end of its interval
    /// @param high upper end of its interval
    /// @return the number
    public static FittedValue of(double value, double low, double high) {
        return new FittedValue(Optional.of(value), Optional.of(low), Optional.of(high), "");
    }

    /// Tells why there is no number.
    ///
    /// @param problem a sentence's end after "cannot be fitted, because"
    /// @return no number
    public static FittedValue impossible(String problem) {
        return new FittedValue(Optional.empty(), Optional.empty(), Optional.empty(), problem);
    }

    /// Tells whether there is a number.
    ///
    /// @return false if it could not be fitted
    public boolean isPresent() {
        return value.isPresent();
    }
}
