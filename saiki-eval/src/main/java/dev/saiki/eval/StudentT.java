package dev.saiki.eval;

import org.hipparchus.special.Beta;

/// Student's t distribution.
///
/// The distribution function is a regularised incomplete beta function; the quantile inverts it by bisection, which
/// is slow but robust and exact to the last digits.
public final class StudentT {

    private static final double PRECISION = 1e-15;

    private StudentT() {}

    /// Returns the quantile: the value below which the given share of the distribution lies.
    ///
    /// @param probability the share, in (0, 1)
    /// @param freedom degrees of freedom, at least 1
    /// @return the value
    public static double quantile(double probability, int freedom) {
        if (probability < 0.5) {
            return -quantile(1 - probability, freedom);
        }
        double low = 0;
        double high = 1;
        while (cumulative(high, freedom) < probability) {
            high *= 2;
        }
        for (int halving = 0; halving < 200 && high - low > PRECISION * high; halving++) {
            double middle = (low + high) / 2;
            if (cumulative(middle, freedom) < probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    /// Computes the two-sided tail probability: the share of the distribution that is at least as far from 0
    /// as a value.
    ///
    /// @param value the value, positive or negative
    /// @param freedom degrees of freedom, at least 1
    /// @return the probability, exact far into the tails
    public static double beyond(double value, int freedom) {
        return Beta.regularizedBeta(freedom / (freedom + value * value), freedom / 2.0, 0.5);
    }

    /// Computes the share of the distribution below a value of at least 0.
    static double cumulative(double value, int freedom) {
        return 1 - 0.5 * beyond(value, freedom);
    }
}
