package dev.saiki.cli.serving;

import dev.saiki.io.Suggestions;
import dev.saiki.io.yaml.SectionReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The configuration file of `saiki serve --config`, whose keys are the long options without dashes. The values
/// become words of the command line, so each value has the same meaning, default and validation in both places.
public final class ServeConfig {

    private static final String OPTION = "--config";

    private static final List<String> NOT_IN_A_FILE =
            List.of(OPTION, "--help", "--help-all", "--version", "--stacktrace", "--model-name");

    private final Map<String, OptionSpec> options;

    private ServeConfig(CommandLine serve) {
        options = serve.getCommandSpec().optionsMap();
    }

    /// If a command line names a configuration file, inserts the options of the file; options on the command line
    /// take precedence.
    ///
    /// @param arguments the whole command line, from `serve` on
    /// @param serve the command's model
    /// @return the command line with the options of the file
    /// @throws dev.saiki.io.InputException if the file cannot be read, or has unknown keys
    public static List<String> expand(List<String> arguments, CommandLine serve) {
        return file(arguments)
                .map(file -> new ServeConfig(serve).expand(arguments, file))
                .orElse(arguments);
    }

    private static Optional<Path> file(List<String> arguments) {
        int at = arguments.indexOf(OPTION);
        Stream<String> apart = at >= 0 && at + 1 < arguments.size() ? Stream.of(arguments.get(at + 1)) : Stream.empty();
        Stream<String> joined = arguments.stream()
                .filter(word -> word.startsWith(OPTION + "="))
                .map(word -> word.substring(OPTION.length() + 1));
        return Stream.concat(apart, joined).findFirst().map(Path::of);
    }

    private List<String> expand(List<String> arguments, Path file) {
        List<String> expanded = new ArrayList<>(List.of(arguments.getFirst()));
        SectionReader.readFile(file, "server configuration", reader -> {
            ObjectNode tree = reader.raw();
            tree.propertyStream().forEach(entry -> {
                String option = "--" + entry.getKey();
                if (NOT_IN_A_FILE.contains(option) || !options.containsKey(option)) {
                    reader.complain("unknown key " + entry.getKey() + Suggestions.hint(entry.getKey(), keys()));
                } else if (arguments.stream().noneMatch(word -> word.equals(option) || word.startsWith(option + "="))) {
                    words(option, entry.getValue())
                            .ifPresentOrElse(expanded::addAll, () -> reader.complain(wrong(option, entry.getValue())));
                }
            });
            return file;
        });
        expanded.addAll(arguments.subList(1, arguments.size()));
        return expanded;
    }

    private List<String> keys() {
        return options.keySet().stream()
                .filter(name -> name.startsWith("--") && !NOT_IN_A_FILE.contains(name))
                .map(name -> name.substring(2))
                .toList();
    }

    /// The command-line words of one key; empty if its value has the wrong form.
    private Optional<List<String>> words(String option, JsonNode value) {
        if (value.isNull()) {
            return Optional.of(List.of());
        }
        if (value.isString() && value.asString().isBlank()) {
            return Optional.empty();
        }
        if (isFlag(option)) {
            return value.isBoolean()
                    ? Optional.of(value.booleanValue() ? List.of(option) : List.of())
                    : Optional.empty();
        }
        return switch (value) {
            case ArrayNode list
            when isList(option) && list.valueStream().allMatch(JsonNode::isValueNode) ->
                Optional.of(list.valueStream()
                        .map(element -> option + "=" + element.asString())
                        .toList());
            case ObjectNode named
            when isList(option) && named.valueStream().allMatch(JsonNode::isValueNode) ->
                Optional.of(named.propertyStream()
                        .map(entry -> option + "=" + entry.getKey() + "="
                                + entry.getValue().asString())
                        .toList());
            case JsonNode single
            when single.isValueNode() && !single.isBoolean() -> Optional.of(List.of(option + "=" + single.asString()));
            default -> Optional.empty();
        };
    }

    private boolean isFlag(String option) {
        return spec(option).arity().max() == 0;
    }

    private boolean isList(String option) {
        return spec(option).isMultiValue();
    }

    private OptionSpec spec(String option) {
        return Optional.ofNullable(options.get(option))
                .orElseThrow(() -> new IllegalArgumentException("no option " + option));
    }

    private String wrong(String option, JsonNode value) {
        String allowed = isFlag(option)
                ? "true or false"
                : isList(option) ? "a value, a list, or names with values" : "a single value that is not empty";
        return option.substring(2) + " must be " + allowed + ", got " + value;
    }
}
