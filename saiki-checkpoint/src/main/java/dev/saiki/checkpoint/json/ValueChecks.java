package dev.saiki.checkpoint.json;

import dev.saiki.io.InputException;

/// Checks of single values; messages name the JSON key, the allowed values, and the actual value.
public final class ValueChecks {

    private ValueChecks() {}

    public static void range(String key, long value, long min, long max) {
        if (value < min || value > max) {
            throw wrong(key, "a whole number from " + min + " to " + max, value);
        }
    }

    public static void positive(String key, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw wrong(key, "a finite number above 0", value);
        }
    }

    public static void share(String key, double value) {
        if (!(value > 0 && value <= 1)) {
            throw wrong(key, "in (0, 1]", value);
        }
    }

    public static InputException wrong(String key, String allowed, Object got) {
        return new InputException(key + " must be " + allowed + ", got " + got);
    }
}
