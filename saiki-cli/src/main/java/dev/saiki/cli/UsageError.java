package dev.saiki.cli;

import dev.saiki.io.Suggestions;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.MutuallyExclusiveArgsException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// A mistake in a command line, described in the user's terms; picocli's own messages contain Java types and
/// indices.
///
/// @param wrong exception of picocli
/// @param arguments the arguments of the command line
record UsageError(ParameterException wrong, List<String> arguments) {

    private static final Map<Class<?>, String> KINDS = Map.of(
            int.class, "a whole number of at most " + Integer.MAX_VALUE,
            Integer.class, "a whole number of at most " + Integer.MAX_VALUE,
            long.class, "a whole number",
            Long.class, "a whole number",
            double.class, "a number",
            Double.class, "a number",
            URI.class, "a URL such as http://127.0.0.1:8080");

    /// Describes the mistake, the allowed value and the actual value.
    String message() {
        CommandSpec command = wrong.getCommandLine().getCommandSpec();
        String message = unknownOption(command)
                .or(() -> unmatched(command))
                .or(() -> missing(command))
                .or(this::wrongValue)
                .orElseGet(() -> String.valueOf(wrong.getMessage()).replaceFirst("^Error: ", ""));
        return message + " (see " + command.qualifiedName() + " --help)";
    }

    /// An unknown option. Picocli would report missing options instead, and so hide the mistyped option.
    private Optional<String> unknownOption(CommandSpec command) {
        return arguments.stream()
                .filter(argument -> argument.startsWith("--"))
                .map(argument -> argument.replaceFirst("=.*", ""))
                .filter(name -> command.findOption(name) == null)
                .findFirst()
                .map(name -> "unknown option " + name + Suggestions.hint(name, visibleOptions(command)));
    }

    private static List<String> visibleOptions(CommandSpec command) {
        return command.options().stream()
                .filter(option -> !option.hidden())
                .map(OptionSpec::longestName)
                .toList();
    }

    /// An unexpected word: a mistyped command, or a value without its option.
    private Optional<String> unmatched(CommandSpec command) {
        if (!(wrong instanceof UnmatchedArgumentException unmatched)
                || unmatched.getUnmatched().isEmpty()) {
            return Optional.empty();
        }
        String word = unmatched.getUnmatched().getFirst();
        if (word.startsWith("-")) {
            return Optional.of("unknown option " + word + Suggestions.hint(word, visibleOptions(command)));
        }
        Set<String> commands = command.subcommands().keySet();
        return Optional.of(
                commands.isEmpty()
                        ? "unexpected value " + word
                                + "; put the option's name before the value, and quote a value that contains spaces"
                        : "unknown command " + word + Suggestions.hint(word, commands));
    }

    /// A missing command, or a missing choice from a list of values; picocli's own messages suffice for other
    /// missing arguments.
    private Optional<String> missing(CommandSpec command) {
        if (String.valueOf(wrong.getMessage()).startsWith("Missing required subcommand")) {
            return Optional.of(command.qualifiedName() + " needs a command: "
                    + String.join(", ", command.subcommands().keySet()));
        }
        if (!(wrong instanceof MissingParameterException missing)) {
            return Optional.empty();
        }
        return missing.getMissing().stream()
                .filter(argument -> argument.isPositional() && argument.type().isEnum())
                .findFirst()
                .map(argument -> argument.paramLabel() + " must be one of "
                        + String.join(", ", spellings(argument.type())) + ", got nothing");
    }

    private static List<String> spellings(Class<?> choices) {
        return Arrays.stream(choices.getEnumConstants())
                .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT))
                .toList();
    }

    /// A value of the wrong kind.
    private Optional<String> wrongValue() {
        ArgSpec option = wrong.getArgSpec();
        String value = wrong.getValue();
        if (option == null
                || value == null
                || wrong instanceof MissingParameterException
                || wrong instanceof MutuallyExclusiveArgsException) {
            return Optional.empty();
        }
        Class<?> type = option.isMultiValue() || option.type().isArray() ? option.auxiliaryTypes()[0] : option.type();
        String name = option instanceof OptionSpec named ? named.longestName() : option.paramLabel();
        String got = value.isBlank() ? "nothing" : value;
        if (type.isEnum()) {
            List<String> known = spellings(type);
            return Optional.of(name + " must be one of " + String.join(", ", known) + ", got " + got
                    + Suggestions.didYouMean(value, known));
        }
        return Optional.ofNullable(KINDS.get(type)).map(kind -> name + " must be " + kind + ", got " + got);
    }
}
