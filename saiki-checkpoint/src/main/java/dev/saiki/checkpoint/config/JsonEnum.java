package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import java.util.Arrays;
import java.util.List;

/// A choice with a spelling in `config.json`.
interface JsonEnum {

    /// Returns the spelling in JSON.
    String key();

    /// Refuses a choice that is incompatible with another.
    ///
    /// @param where the JSON key of the value
    /// @param allowed the compatible choices
    /// @param why the condition under which only the listed choices are allowed
    static void requireOneOf(String where, JsonEnum value, List<? extends JsonEnum> allowed, String why) {
        if (!allowed.contains(value)) {
            String keys = String.join(", ", allowed.stream().map(JsonEnum::key).toList());
            throw ValueChecks.wrong(where, "one of " + keys + " " + why, "\"" + value.key() + "\"");
        }
    }

    /// Finds the choice with a given spelling.
    ///
    /// @param values all choices
    /// @param key the spelling
    /// @param where the JSON key of the value
    /// @throws InputException if no choice has this spelling
    static <E extends JsonEnum> E find(E[] values, String key, String where) {
        List<String> known = Arrays.stream(values).map(JsonEnum::key).toList();
        for (E value : values) {
            if (value.key().equals(key)) {
                return value;
            }
        }
        throw new InputException(where + " must be one of " + String.join(", ", known) + ", got \"" + key + "\""
                + Suggestions.didYouMean(key, known));
    }
}
