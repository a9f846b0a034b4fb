package dev.saiki.train.recipe;

import dev.saiki.io.InputException;

/// Range checks of recipe values, with messages that name the key.
final class RecipeChecks {

    private RecipeChecks() {}

    static void that(boolean holds, String key, String allowed, Object got) {
        InputException.require(holds, key, allowed, got);
    }

    static void atLeast(long min, String key, long got) {
        InputException.requireAtLeast(key, got, min);
    }

    static void positive(String key, double got) {
        that(got > 0 && Double.isFinite(got), key, "positive", got);
    }

    static void notNegative(String key, double got) {
        that(got >= 0 && Double.isFinite(got), key, "0 or more", got);
    }

    static void fraction(String key, double got) {
        that(got >= 0 && got <= 1, key, "in [0, 1]", got);
    }

    static void belowOne(String key, double got) {
        that(got >= 0 && got < 1, key, "in [0, 1)", got);
    }
}
