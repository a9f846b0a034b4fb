package dev.saiki.eval;

/// Student's t distribution.
///
/// The distribution function is a regularised incomplete beta function, evaluated by Lentz's continued fraction;
/// the quantile inverts it by bisection, which is slow but robust and exact to the last digits.
public final class StudentT {

    private static final double PRECISION = 1e-15;
    private static final double TINY = 1e-300;
    private static final int MOST_TERMS = 10_000;

    /// Lanczos coefficients for g = 7 and nine terms: relative error of the gamma function below 1e-14.
    private static final double[] LANCZOS = {
        0.9999999999998099,
        676.5203681218851,
        -1259.1392167224028,
        771.3234287776531,
        -176.6150291621406,
        12.507343278686905,
        -0.13857109526572012,
        9.984369578019572e-6,
        1.5056327351493116e-7,
    };

    private StudentT() {}

    /// Returns the value below which a share of the distribution lies.
    ///
    /// @param probability in (0, 1)
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

    /// Computes the two-sided tail probability: the share of the distribution at least as far from 0 as a value.
    ///
    /// @param value on either side
    /// @param freedom degrees of freedom, at least 1
    /// @return the probability, exact far into the tails
    public static double beyond(double value, int freedom) {
        return incompleteBeta(freedom / (freedom + value * value), freedom / 2.0, 0.5);
    }

    /// Computes the share of the distribution below a value of at least 0.
    static double cumulative(double value, int freedom) {
        return 1 - 0.5 * beyond(value, freedom);
    }

    private static double incompleteBeta(double x, double a, double b) {
        if (x <= 0 || x >= 1) {
            return x <= 0 ? 0 : 1;
        }
        double front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
        return x < (a + 1) / (a + b + 2)
                ? front * continuedFraction(x, a, b) / a
                : 1 - front * continuedFraction(1 - x, b, a) / b;
    }

    private static double continuedFraction(double x, double a, double b) {
        double c = 1;
        double d = 1 / nonZero(1 - (a + b) * x / (a + 1));
        double fraction = d;
        for (int m = 1; m <= MOST_TERMS; m++) {
            double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / nonZero(1 + even * d);
            c = nonZero(1 + even / c);
            fraction *= c * d;
            double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / nonZero(1 + odd * d);
            c = nonZero(1 + odd / c);
            double factor = c * d;
            fraction *= factor;
            if (Math.abs(factor - 1) < PRECISION) {
                break;
            }
        }
        return fraction;
    }

    private static double nonZero(double value) {
        return Math.abs(value) < TINY ? TINY : value;
    }

    private static double logGamma(double x) {
        double sum = LANCZOS[0];
        for (int i = 1; i < LANCZOS.length; i++) {
            sum += LANCZOS[i] / (x - 1 + i);
        }
        double t = x + 6.5;
        return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
    }
}
