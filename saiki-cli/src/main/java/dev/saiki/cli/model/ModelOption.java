package dev.saiki.cli.model;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.terminal.Console;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The option `--model` of a command that defaults to the built-in model.
public final class ModelOption {

    @Option(names = "--model", paramLabel = "DIR")
    private @Nullable Path model;

    /// Whether the model is the built-in one, by default or by name.
    public boolean isBuiltIn() {
        return model == null || BuiltInModel.isNamedBy(model);
    }

    /// The display name of the model.
    public String name() {
        return model == null || isBuiltIn() ? "the built-in model" : CheckpointDirectory.nameOf(model);
    }

    /// Returns the folder of the model, and prints a note if the default is used.
    ///
    /// @throws dev.saiki.io.InputException if the model is the built-in one, and its files cannot be written
    ///     anywhere
    public Path folder(Console console) {
        if (model == null) {
            console.err().println(BuiltInModel.USED);
        }
        return BuiltInModel.folderOf(model == null ? Path.of(BuiltInModel.NAME) : model, console.environment());
    }
}
