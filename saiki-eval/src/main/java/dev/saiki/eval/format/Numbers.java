package dev.saiki.eval.format;

import java.math.BigDecimal;
import java.util.Locale;

/// Formats of numbers for people.
public final class Numbers {

    private static final double MIN_PROBABILITY = 0.001;
    private static final String[] PREFIXES = {"", "k", "M", "G", "T", "P", "E", "Z"};

    private static final int MAX_DECIMALS = 9;

    private Numbers() {}

    /// Writes a number with three significant digits and a metric prefix, such as `12.3 M`.
    ///
    /// @param value any number
    /// @return the text, with the prefix last; whole numbers below 1000 have no decimals
    public static String metric(double value) {
        double magnitude = Math.abs(value);
        int prefix = 0;
        while (magnitude >= 999.5 && prefix < PREFIXES.length - 1) {
            magnitude /= 1000;
            prefix++;
        }
        double scaled = Math.copySign(magnitude, value);
        boolean whole = prefix == 0 && magnitude == Math.rint(magnitude);
        int decimals = whole || magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f%s", scaled, prefix == 0 ? "" : " " + PREFIXES[prefix]);
    }

    /// Writes a count with three significant digits and a metric prefix.
    ///
    /// @param count any number
    /// @return the text, in the form of {@link #metric(double)}
    public static String metric(long count) {
        return metric((double) count);
    }

    /// Writes a number in its shortest form, such as `3e11` or `0.001`.
    ///
    /// @param value the number
    /// @return the text
    public static String shortest(double value) {
        BigDecimal exact = BigDecimal.valueOf(value).stripTrailingZeros();
        int exponent = exact.precision() - exact.scale() - 1;
        if (exponent < 6) {
            return exact.toPlainString();
        }
        return exact.movePointLeft(exponent).stripTrailingZeros().toPlainString() + "e" + exponent;
    }

    /// Writes a number with a fixed number of decimals.
    ///
    /// @param value any number
    /// @param decimals number of decimals
    /// @return the text; `–` for NaN
    public static String fixed(double value, int decimals) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    /// Writes a difference with its sign, even if it is positive.
    ///
    /// @param value any number
    /// @param decimals number of decimals
    /// @return the text, with a true minus sign; `–` for NaN
    public static String signed(double value, int decimals) {
        return Double.isNaN(value)
                ? "–"
                : String.format(Locale.ROOT, "%+." + decimals + "f", value).replace('-', '\u2212');
    }

    /// Writes a number with three significant digits and no prefix, as the script of a report's HTML page does.
    ///
    /// @param value any number
    /// @return the text; `–` if not finite
    public static String significant(double value) {
        if (!Double.isFinite(value)) {
            return "–";
        }
        int decimals = value == 0 ? 0 : Math.clamp(2 - (int) Math.floor(Math.log10(Math.abs(value))), 0, MAX_DECIMALS);
        return fixed(value, decimals);
    }

    /// Writes a p-value, rounded up, so that a displayed 0.050 never understates the value.
    ///
    /// @param value the p-value, from 0 to 1
    /// @return the text with three decimals, or `<0.001` for smaller values; `–` for NaN
    public static String probability(double value) {
        return value < MIN_PROBABILITY ? "<" + MIN_PROBABILITY : fixed(Math.ceil(value * 1000) / 1000, 3);
    }

    /// Writes a share as a percentage.
    ///
    /// @param share the share; 1 is the whole
    /// @param decimals number of decimals
    /// @return the text, such as `12.5 %`
    public static String percent(double share, int decimals) {
        return fixed(100 * share, decimals) + " %";
    }
}
