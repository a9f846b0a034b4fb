package dev.saiki.cli.serving;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.io.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A value of `--model`: a folder, or a name and a folder.
///
/// @param name the name by which requests select the model
/// @param folder the folder of a checkpoint or a run
record ModelArgument(String name, Path folder) {

    private static final Pattern NAMED = Pattern.compile("([A-Za-z0-9][A-Za-z0-9._:-]{0,63})=(.+)");

    /// Reads all values.
    ///
    /// @param values the values of the option, at least one
    /// @param name the name to use for a single model
    /// @throws InputException if two models have the same name, or `name` is given for several models
    static List<ModelArgument> all(List<String> values, @Nullable String name) {
        if (name != null && values.size() > 1) {
            throw new InputException(
                    "--name is for a single model; with several, give each its name with --model NAME=DIR");
        }
        List<ModelArgument> models =
                values.stream().map(value -> of(value, name)).toList();
        Set<String> names = new HashSet<>();
        for (ModelArgument model : models) {
            if (!names.add(model.name())) {
                throw new InputException(
                        "two models have the name " + model.name() + "; give each its own name with --model NAME=DIR");
            }
        }
        return models;
    }

    /// Reads all values of `--adapter`.
    ///
    /// @param values the values of the option
    /// @param models the models, whose names are already taken
    /// @throws InputException if a value has no name, or a duplicate one
    static List<ModelArgument> adapters(List<String> values, List<ModelArgument> models) {
        Set<String> names = new HashSet<>();
        models.forEach(model -> names.add(model.name()));
        List<ModelArgument> adapters = new ArrayList<>();
        for (String value : values) {
            Matcher named = NAMED.matcher(value);
            InputException.require(
                    named.matches(), "--adapter", "a value", "NAME=DIR, with the name that requests use", value);
            if (!names.add(named.group(1))) {
                throw new InputException("--adapter: the name " + named.group(1)
                        + " is taken; give each model and adapter its own name");
            }
            adapters.add(new ModelArgument(named.group(1), Path.of(named.group(2))));
        }
        return adapters;
    }

    /// An existing folder whose own name contains an equals sign is not split.
    private static ModelArgument of(String value, @Nullable String name) {
        Matcher named = NAMED.matcher(value);
        if (named.matches() && !Files.exists(Path.of(value))) {
            if (name != null) {
                throw new InputException("the model has two names, " + named.group(1) + " in --model and " + name
                        + " in --name; leave out one of them");
            }
            return new ModelArgument(named.group(1), Path.of(named.group(2)));
        }
        Path folder = Path.of(value);
        return new ModelArgument(name == null ? CheckpointDirectory.nameOf(folder) : name, folder);
    }
}
