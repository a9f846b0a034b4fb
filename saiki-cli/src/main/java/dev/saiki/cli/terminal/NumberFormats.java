package dev.saiki.cli.terminal;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Numbers in readable form.
public final class NumberFormats {

    private static final long SECONDS_A_DAY = 86_400;
    private static final String[] BINARY_UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private NumberFormats() {}

    /// A text with numbers in the format of {@link java.util.Formatter}, the same on every machine.
    @SuppressWarnings("AnnotateFormatMethod") // The annotation is not worth a dependency.
    public static String text(String format, @Nullable Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }

    /// A whole number with separators, such as `117,991,680`.
    public static String count(long number) {
        return text("%,d", number);
    }

    /// A number of bytes with one decimal, such as `23.4 GiB`.
    public static String bytes(long bytes) {
        double value = (double) bytes;
        int unit = 0;
        while (value >= 1024 && unit < BINARY_UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return text(unit == 0 ? "%.0f %s" : "%.1f %s", value, BINARY_UNITS[unit]);
    }

    /// A waiting time, such as `300 days`, `1 h 05 min` or `42 s`.
    public static String duration(long seconds) {
        if (seconds >= 100 * SECONDS_A_DAY) {
            return count(seconds / SECONDS_A_DAY) + " days";
        }
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return text("%d min %02d s", seconds / 60, seconds % 60);
        }
        return text("%d h %02d min", seconds / 3600, seconds / 60 % 60);
    }
}
