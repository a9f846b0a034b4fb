package dev.saiki.checkpoint.config;

import java.util.List;
import java.util.stream.IntStream;

/// The shares of all tokens that take each recursion step.
public final class Capacities {

    /// A tolerance far above the rounding error of share times length, and far below the distance of any realistic
    /// product from a whole number.
    private static final double TOLERANCE = 1e-9;

    private Capacities() {}

    /// Returns the shares of a balanced router: (N - r)/N of all tokens take step r of N.
    ///
    /// @param numRecursions recursion steps N
    /// @return N shares; the first is 1
    public static List<Double> balanced(int numRecursions) {
        return IntStream.range(0, numRecursions)
                .mapToObj(step -> (double) (numRecursions - step) / numRecursions)
                .toList();
    }

    /// Counts the tokens selected by top-k at a step: `max(1, trunc(capacity * length))`.
    ///
    /// Rounding errors are corrected for shares that are fractions of small whole numbers: a share of 29/49
    /// selects 29 of 49 tokens although the product of the two doubles is slightly smaller.
    ///
    /// @param capacity share of all tokens, in (0, 1]
    /// @param length tokens in the sequence, at least 1
    /// @return tokens selected, from 1 to `length`
    public static int tokens(double capacity, int length) {
        return Math.clamp((long) Math.floor(capacity * length + TOLERANCE), 1, length);
    }
}
