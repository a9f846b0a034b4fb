package dev.saiki.study.results;

import java.util.Optional;

/// A fitted number with its interval, or the reason why it is missing.
///
/// @param value the number
/// @param low lower end of the number's interval
/// @param high upper end of the number's interval
/// @param problem the reason why the number is missing, completing the sentence "cannot be fitted, because"; empty
///     for a fitted number
public record FittedValue(Optional<Double> value, Optional<Double> low, Optional<Double> high, String problem) {
    /// Creates the result of a successful fit.
    ///
    /// @param value the number
    /// @param low lower end of the number's interval
    /// @param high upper end of the number's interval
    /// @return the number
    public static FittedValue of(double value, double low, double high) {
        return new FittedValue(Optional.of(value), Optional.of(low), Optional.of(high), "");
    }

    /// Creates a missing number with the reason.
    ///
    /// @param problem the reason, completing the sentence "cannot be fitted, because"
    /// @return the result without a number
    public static FittedValue impossible(String problem) {
        return new FittedValue(Optional.empty(), Optional.empty(), Optional.empty(), problem);
    }

    /// Tells whether the fit succeeded.
    ///
    /// @return false if the number could not be fitted
    public boolean isPresent() {
        return value.isPresent();
    }
}
