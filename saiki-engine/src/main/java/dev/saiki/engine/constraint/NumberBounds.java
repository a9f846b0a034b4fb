package dev.saiki.engine.constraint;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/// The bounds on a number in a schema.
///
/// @param whole whether the number must be an integer
/// @param least the lower bound
/// @param most the upper bound
/// @param factors numbers of which the number must be a multiple
record NumberBounds(boolean whole, Optional<Bound> least, Optional<Bound> most, List<BigDecimal> factors) {

    /// The greatest magnitude of a bound, beyond every 64-bit integer.
    private static final BigDecimal FAR = BigDecimal.TEN.pow(20);

    /// One bound.
    ///
    /// @param value the value of the bound
    /// @param inclusive whether the value of the bound itself is allowed
    record Bound(BigDecimal value, boolean inclusive) {}

    NumberBounds {
        factors = List.copyOf(factors);
    }

    /// Makes bounds. Lower bounds below -10^20 and upper bounds above 10^20, such as the limits of floating-point
    /// types, are replaced by these numbers, so that texts have fewer digits and stay within the bounds.
    static NumberBounds withinDigits(
            boolean whole, Optional<Bound> least, Optional<Bound> most, List<BigDecimal> factors) {
        return new NumberBounds(
                whole,
                least.map(bound -> bound.value().compareTo(FAR.negate()) < 0 ? new Bound(FAR.negate(), true) : bound),
                most.map(bound -> bound.value().compareTo(FAR) > 0 ? new Bound(FAR, true) : bound),
                factors);
    }

    /// Whether there are neither bounds nor factors.
    boolean isOpen() {
        return least.isEmpty() && most.isEmpty() && factors.isEmpty();
    }
}
