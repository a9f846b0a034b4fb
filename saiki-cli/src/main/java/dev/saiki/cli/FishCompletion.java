package dev.saiki.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The completion script of the fish shell.
///
/// Picocli generates scripts for bash and zsh only. Libraries that generate one for fish, such as Clikt and Spring
/// Shell, complete only their own commands.
///
/// @param name of the command
record FishCompletion(String name) {

    /// A description is truncated to fit beside a name.
    private static final int LONGEST_DESCRIPTION = 60;

    /// Writes the script.
    ///
    /// @param command with all of its subcommands
    String script(CommandLine command) {
        StringBuilder script = new StringBuilder();
        script.append("# Completes ")
                .append(name)
                .append(" in fish; made by `")
                .append(name)
                .append(" completion fish`.\n");
        script.append("function __").append(name).append("_at\n");
        script.append("    set -l path\n");
        script.append("    for word in (commandline -opc)[2..]\n");
        script.append("        string match -q -- '-*' $word; and break\n");
        script.append("        set -a path $word\n");
        script.append("    end\n");
        script.append("    test \"$path\" = \"$argv\"\n");
        script.append("end\n");
        script.append("complete -c ").append(name).append(" -f\n");
        add(script, command, "");
        return script.toString();
    }

    private void add(StringBuilder script, CommandLine command, String path) {
        CommandSpec spec = command.getCommandSpec();
        String start = "complete -c " + name + " -n " + quoted(("__" + name + "_at " + path).strip());
        spec.subcommands()
                .forEach((word, subcommand) -> script.append(start)
                        .append(" -a ")
                        .append(word)
                        .append(description(
                                subcommand.getCommandSpec().usageMessage().description()))
                        .append('\n'));
        for (OptionSpec option : spec.options()) {
            if (!option.hidden()) {
                script.append(start).append(names(option)).append(values(option));
                script.append(description(option.description())).append('\n');
            }
        }
        spec.positionalParameters().stream()
                .filter(parameter -> parameter.type().isEnum())
                .forEach(parameter -> script.append(start)
                        .append(" -a ")
                        .append(quoted(spellings(parameter.type())))
                        .append('\n'));
        spec.subcommands().forEach((word, subcommand) -> add(script, subcommand, (path + " " + word).strip()));
    }

    private static String names(OptionSpec option) {
        return Arrays.stream(option.names())
                .map(word -> word.startsWith("--") ? " -l " + word.substring(2) : " -s " + word.substring(1))
                .collect(Collectors.joining());
    }

    /// The values of an option: one of a list, a file, or anything else.
    private static String values(OptionSpec option) {
        Class<?> type = option.isMultiValue() ? option.auxiliaryTypes()[0] : option.type();
        if (option.arity().max() == 0) {
            return "";
        }
        if (type.isEnum()) {
            return " -x -a " + quoted(spellings(type));
        }
        return type == Path.class ? " -r -F" : " -x";
    }

    private static String spellings(Class<?> choices) {
        return Arrays.stream(choices.getEnumConstants())
                .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(" "));
    }

    private static String description(String[] lines) {
        String first =
                String.join(" ", lines).replaceFirst("[;:(.] .*", "").strip().replaceFirst("\\.$", "");
        String shown =
                first.length() <= LONGEST_DESCRIPTION ? first : first.substring(0, LONGEST_DESCRIPTION - 1) + "…";
        return shown.isEmpty() ? "" : " -d " + quoted(shown);
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
