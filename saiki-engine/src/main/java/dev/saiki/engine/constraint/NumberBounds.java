package dev.saiki.engine.constraint;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/// The bounds on a number, as a schema has them.
///
/// @param whole whether it is an integer
/// @param least the lower bound
/// @param most the upper bound
/// @param factors numbers of which it is a multiple
record NumberBounds(boolean whole, Optional<Bound> least, Optional<Bound> most, List<BigDecimal> factors) {

    /// The farthest number that is written where a bound is farther: beyond every integer of 64 bits.
    private static final BigDecimal FAR = BigDecimal.TEN.pow(20);

    /// One bound.
    ///
    /// @param value where it is
    /// @param inclusive whether the value itself is within
    record Bound(BigDecimal value, boolean inclusive) {}

    NumberBounds {
        factors = List.copyOf(factors);
    }

    /// Makes bounds of which those with very many digits, as the ends of floating-point types have, are drawn in to a
    /// round number: what is written stays within them.
    static NumberBounds withinDigits(
            boolean whole, Optional<Bound> least, Optional<Bound> most, List<BigDecimal> factors) {
        return new NumberBounds(
                whole,
                least.map(bound -> bound.value().compareTo(FAR.negate()) < 0 ? new Bound(FAR.negate(), true) : bound),
                most.map(bound -> bound.value().compareTo(FAR) > 0 ? new Bound(FAR, true) : bound),
                factors);
    }

    /// Whether nothing is bounded.
    boolean isOpen() {
        return least.isEmpty() && most.isEmpty() && factors.isEmpty();
    }
}
