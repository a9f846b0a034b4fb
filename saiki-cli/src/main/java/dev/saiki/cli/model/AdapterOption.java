package dev.saiki.cli.model;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.checkpoint.adapter.AdapterMerge;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The option `--adapter` of a command that uses one model.
public final class AdapterOption {

    @Option(names = "--adapter", paramLabel = "DIR")
    private @Nullable Path adapter;

    /// The adapter's folder, if one was given.
    Optional<Path> folder() {
        return Optional.ofNullable(adapter);
    }

    /// The display name of the model, including the adapter if one was given.
    public String nameOf(Path model) {
        return adapter == null ? model.toString() : model + " with " + adapter;
    }

    /// Opens the model, with the adapter if one was given.
    ///
    /// @throws dev.saiki.io.InputException if the adapter belongs to another model
    public CheckpointDirectory open(Path model) {
        CheckpointDirectory base = CheckpointDirectory.open(model);
        return adapter == null ? base : AdapterMerge.of(base, AdapterDirectory.open(adapter));
    }
}
