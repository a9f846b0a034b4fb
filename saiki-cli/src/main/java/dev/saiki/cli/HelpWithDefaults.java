package dev.saiki.cli;

import java.util.Locale;
import java.util.ResourceBundle;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The help of a command, with the words of `help.properties`, in which each option's description ends with the
/// option's default, if it has one and its description names none.
///
/// Only help reads the words, since reading them takes tens of milliseconds.
final class HelpWithDefaults extends Help {

    private static final ResourceBundle WORDS = ResourceBundle.getBundle("dev.saiki.cli.help", Locale.ROOT);

    HelpWithDefaults(CommandSpec command, ColorScheme colours) {
        super(command, colours);
        command.resourceBundle(WORDS);
    }

    @Override
    public IOptionRenderer createDefaultOptionRenderer() {
        IOptionRenderer plain = super.createDefaultOptionRenderer();
        return (option, labels, colours) -> plain.render(withDefault(option), labels, colours);
    }

    private static OptionSpec withDefault(OptionSpec option) {
        String description = String.join("", option.description());
        if (!hasDefault(option) || description.contains("(default") || !description.endsWith(".")) {
            return option;
        }
        String sentence = description.substring(0, description.length() - 1);
        String value = option.defaultValueString().replaceFirst("\\.0$", "");
        return OptionSpec.builder(option)
                .description(sentence + " (default: " + value + ").")
                .build();
    }

    /// Initial values of required options, flags and lists are no defaults; descriptions of enums name the default.
    private static boolean hasDefault(OptionSpec option) {
        return option.initialValue() != null
                && !option.required()
                && !option.isMultiValue()
                && !option.typeInfo().isBoolean()
                && !option.typeInfo().isEnum();
    }
}
