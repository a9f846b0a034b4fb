package dev.saiki.checkpoint;

import dev.saiki.io.InputException;
import java.util.List;

/// Checks of single values; the messages name the JSON key, what is allowed, and what was got.
final class Check {

    private Check() {}

    static void range(String key, long value, long least, long most) {
        if (value < least || value > most) {
            throw wrong(key, "a whole number from " + least + " to " + most, value);
        }
    }

    static void positive(String key, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw wrong(key, "a finite number above 0", value);
        }
    }

    static void share(String key, double value) {
        if (!(value > 0 && value <= 1)) {
            throw wrong(key, "in (0, 1]", value);
        }
    }

    static void oneOf(String key, Keyed value, List<? extends Keyed> allowed, String why) {
        if (!allowed.contains(value)) {
            String keys = String.join(", ", allowed.stream().map(Keyed::key).toList());
            throw wrong(key, "one of " + keys + " " + why, "\"" + value.key() + "\"");
        }
    }

    static InputException wrong(String key, String allowed, Object got) {
        return new InputException(key + " must be " + allowed + ", got " + got);
    }
}
