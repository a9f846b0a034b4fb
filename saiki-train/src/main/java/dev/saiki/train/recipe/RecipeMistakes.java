package dev.saiki.train.recipe;

import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// The errors in a recipe, each attributed to the file or the option that set the key.
///
/// @param recipe the name of the file in messages
/// @param overrides `key=value` each
record RecipeMistakes(String recipe, List<String> overrides) {

    /// The command option for overrides.
    static final String OPTION = "--set ";

    private static final String MODEL = "model.";

    /// Combines all errors into one exception.
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

    /// The prefix of an error in an override; empty for an error in the file.
    private Optional<String> option(String problem) {
        if (problem.startsWith(OPTION)) {
            return Optional.of("");
        }
        return overrides.reversed().stream()
                .filter(override -> isOf(problem, override))
                .findFirst()
                .map(override -> OPTION + override + ": ");
    }

    /// Whether an error names the overridden key, or begins with the file that the key was set to.
    private static boolean isOf(String problem, String override) {
        int sign = override.indexOf('=');
        if (sign < 1) {
            return false;
        }
        String key = override.substring(0, sign);
        String value = override.substring(sign + 1);
        // Errors about a model use the key names of config.json.
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
