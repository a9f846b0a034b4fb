package dev.saiki.server.settings;

import dev.saiki.chat.ChatFormat;
import dev.saiki.engine.Engine;
import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A model to serve.
///
/// @param name the name of the model in requests
/// @param engine the model; must outlive the server
/// @param folder the folder that the model was opened from, with other checkpoints possibly beside it; empty
///     if the model is never reloaded
/// @param chatFormat the format that converts conversations to text
/// @param adapters the adapters of the model, each served under a name of its own
public record ModelChoice(
        String name, Engine engine, Optional<Path> folder, ChatFormat chatFormat, List<AdapterChoice> adapters) {

    /// Creates the choice of a model without adapters.
    ///
    /// @param name the name of the model in requests
    /// @param engine the model; must outlive the server
    /// @param folder the folder that the model was opened from; empty if the model is never reloaded
    /// @param chatFormat the format that converts conversations to text
    public ModelChoice(String name, Engine engine, Optional<Path> folder, ChatFormat chatFormat) {
        this(name, engine, folder, chatFormat, List.of());
    }

    /// Replaces the adapters.
    ///
    /// @param chosen the adapters to serve in addition to the model
    /// @return the same model with these adapters
    public ModelChoice with(List<AdapterChoice> chosen) {
        return new ModelChoice(name, engine, folder, chatFormat, chosen);
    }

    /// Checks the name and copies the list.
    ///
    /// @throws InputException if the name is empty
    public ModelChoice {
        adapters = List.copyOf(adapters);
        if (name.isBlank()) {
            throw new InputException("the model's name must not be empty");
        }
    }
}
