package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;
import dev.saiki.rollout.pair.BoundedSearch;
import java.util.Collections;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/// A slice of the traffic that the plan defines by the words of the prompt, by headers, or by both.
///
/// @param name the name, without the `=` of the slices that are found
/// @param prompt what must be found in the last words of the user; empty if they do not matter
/// @param headers the values that headers must have, by name
/// @param tolerance the tolerance of each gate in this slice; empty for that of other slices
public record PlannedSlice(
        String name, Optional<Pattern> prompt, SortedMap<String, String> headers, OptionalDouble tolerance) {

    /// The characters of a prompt that are searched.
    private static final int SEARCHED = 10_000;

    /// Validates the slice.
    ///
    /// @throws InputException naming the setting, the allowed and the actual value
    public PlannedSlice {
        headers = Collections.unmodifiableSortedMap(new TreeMap<>(headers));
        if (!name.matches("[\\p{L}\\p{N} ._-]{1,40}")) {
            throw InputException.of(
                    "a slice", "name", "1 to 40 letters, digits, spaces, dots, underscores or hyphens", name);
        }
        if (prompt.isEmpty() && headers.isEmpty()) {
            throw new InputException("slice " + name + " must have a prompt or a header, got none");
        }
        if (tolerance.isPresent() && !(tolerance.getAsDouble() > 0 && tolerance.getAsDouble() < 1)) {
            throw InputException.of("slice " + name, "tolerance", "above 0, below 1", tolerance.getAsDouble());
        }
    }

    /// Tells whether a request belongs to the slice.
    ///
    /// @param said the last words of the user
    /// @param header finds the value of a header by its name
    /// @return false also if the search of the prompt takes too many steps
    public boolean holds(String said, Function<String, Optional<String>> header) {
        return headers.entrySet().stream()
                        .allMatch(wanted -> header.apply(wanted.getKey())
                                .filter(wanted.getValue()::equals)
                                .isPresent())
                && prompt.map(pattern -> BoundedSearch.find(
                                pattern, said.substring(0, Math.min(said.length(), SEARCHED)), false))
                        .orElse(true);
    }
}
