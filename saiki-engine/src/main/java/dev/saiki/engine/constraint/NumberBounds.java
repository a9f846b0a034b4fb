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

    /// One bound.
    ///
    /// @param value where it is
    /// @param inclusive whether the value itself is within
    record Bound(BigDecimal value, boolean inclusive) {}

    NumberBounds {
        factors = List.copyOf(factors);
    }

    /// Whether nothing is bounded.
    boolean isOpen() {
        return least.isEmpty() && most.isEmpty() && factors.isEmpty();
    }
}
