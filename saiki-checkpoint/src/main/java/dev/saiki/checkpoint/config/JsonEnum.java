package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.JsonFields;
import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A choice that is written in `config.json` as its name in lower case.
interface JsonEnum {

    /// Returns the name of the constant.
    ///
    /// @return the name in upper case
    String name();

    /// Returns the spelling in JSON.
    ///
    /// @return a spelling such as `middle_cycle`
    default String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Refuses a choice that is incompatible with another setting.
    ///
    /// @param where the JSON key of this choice
    /// @param value the choice
    /// @param allowed the compatible choices
    /// @param why the condition under which only the listed choices are allowed
    static void requireOneOf(String where, JsonEnum value, List<? extends JsonEnum> allowed, String why) {
        if (!allowed.contains(value)) {
            String keys = String.join(", ", allowed.stream().map(JsonEnum::key).toList());
            throw ValueChecks.wrong(where, "one of " + keys + " " + why, "\"" + value.key() + "\"");
        }
    }

    /// Reads a choice.
    ///
    /// @param <E> the enum
    /// @param fields the object
    /// @param key the key of the choice
    /// @param values all choices
    /// @return the choice; empty if the key is absent
    static <E extends JsonEnum> Optional<E> read(JsonFields fields, String key, E[] values) {
        return fields.optionalChoice(key, (spelling, where) -> find(values, spelling, where));
    }

    /// Finds the choice with a given spelling.
    ///
    /// @param <E> the enum
    /// @param values all choices
    /// @param key the spelling
    /// @param where the JSON key of the value
    /// @return the choice
    /// @throws InputException if no choice has this spelling
    static <E extends JsonEnum> E find(E[] values, String key, String where) {
        List<String> known = Arrays.stream(values).map(JsonEnum::key).toList();
        int place = known.indexOf(key);
        if (place < 0) {
            throw new InputException(where + " must be one of " + String.join(", ", known) + ", got \"" + key + "\""
                    + Suggestions.didYouMean(key, known));
        }
        return values[place];
    }
}
