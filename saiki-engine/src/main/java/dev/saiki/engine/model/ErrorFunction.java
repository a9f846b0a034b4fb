package dev.saiki.engine.model;

/// The error function, which the JDK lacks. Apache Commons Math has the function, but would be a dependency of two
/// megabytes for these lines.
///
/// For |x| < 2.5 the Taylor series is used, which loses at most three digits to cancellation there. For larger |x|
/// the continued fraction of erfc is used (Abramowitz and Stegun, 7.1.5 and 7.1.14). Absolute error below 1e-13.
final class ErrorFunction {

    private static final double SERIES_BELOW = 2.5;
    private static final int FRACTION_TERMS = 60;

    private ErrorFunction() {}

    static double erf(double x) {
        double magnitude = Math.abs(x);
        double value = magnitude < SERIES_BELOW ? series(magnitude) : 1 - complement(magnitude);
        return Math.copySign(value, x);
    }

    private static double series(double x) {
        double power = x;
        double sum = x;
        for (int n = 1; Math.abs(power) > 1e-18 * Math.abs(sum); n++) {
            power *= -x * x / n;
            sum += power / (2 * n + 1);
        }
        return 2 / Math.sqrt(Math.PI) * sum;
    }

    private static double complement(double x) {
        double fraction = x;
        for (int n = FRACTION_TERMS; n >= 1; n--) {
            fraction = x + n / 2.0 / fraction;
        }
        return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
    }
}
