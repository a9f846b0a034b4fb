package dev.saiki.train.recipe;

import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// The mistakes in a recipe, each attributed to the file or to the option that set the key.
///
/// @param recipe what messages call the file
/// @param overrides `key=value` each
record RecipeMistakes(String recipe, List<String> overrides) {

    /// The option of commands that takes overrides.
    static final String OPTION = "--set ";

    private static final String MODEL = "model.";

    /// Makes one error of all of them.
    ///
    /// @param problems complete messages, at least one
    InputException of(List<String> problems) {
        List<String> laid = new ArrayList<>();
        boolean isTheirs = true;
        for (String problem : problems) {
            Optional<String> option = option(problem);
            isTheirs &= option.isPresent();
            laid.add(option.map(said -> said + problem).orElse(problem));
        }
        if (isTheirs && laid.size() == 1) {
            return new InputException(laid.getFirst());
        }
        return InputException.of(isTheirs ? OPTION.strip() : recipe, laid);
    }

    /// What is said before a problem of an override; empty for one of the file.
    private Optional<String> option(String problem) {
        if (problem.startsWith(OPTION)) {
            return Optional.of("");
        }
        return overrides.reversed().stream()
                .filter(override -> isOf(problem, override))
                .findFirst()
                .map(override -> OPTION + override + ": ");
    }

    /// Whether a problem names the key that was overridden, or begins with the file that it was set to.
    private static boolean isOf(String problem, String override) {
        int sign = override.indexOf('=');
        if (sign < 1) {
            return false;
        }
        String key = override.substring(0, sign);
        String value = override.substring(sign + 1);
        // The keys of a model are named as in config.json.
        String alone = key.startsWith(MODEL) ? key.substring(MODEL.length()) : key;
        return names(problem, key)
                || names(problem, alone)
                || (!value.isEmpty() && (problem.startsWith(value + ": ") || problem.startsWith(value + "/")));
    }

    private static boolean names(String problem, String key) {
        return Pattern.compile("(?<![\\w./])" + Pattern.quote(key) + "(?!\\w)")
                .matcher(problem)
                .find();
    }
}
