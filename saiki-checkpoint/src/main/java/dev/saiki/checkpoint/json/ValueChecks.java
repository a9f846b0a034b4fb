package dev.saiki.checkpoint.json;

import dev.saiki.io.InputException;

/// Checks of single values; messages name the JSON key, the allowed values, and the actual value.
public final class ValueChecks {

    private ValueChecks() {}

    public static void range(String key, long value, long min, long max) {
        InputException.require(value >= min && value <= max, key, "a whole number from " + min + " to " + max, value);
    }

    public static void positive(String key, double value) {
        InputException.require(value > 0 && Double.isFinite(value), key, "a finite number above 0", value);
    }

    public static void share(String key, double value) {
        InputException.require(value > 0 && value <= 1, key, "in (0, 1]", value);
    }

    public static InputException wrong(String key, String allowed, Object got) {
        return new InputException(key + " must be " + allowed + ", got " + got);
    }
}
