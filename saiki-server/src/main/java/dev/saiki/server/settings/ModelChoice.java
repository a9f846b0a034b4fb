package dev.saiki.server.settings;

import dev.saiki.engine.Engine;
import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.util.Optional;

/// A model that a server is to answer with.
///
/// @param name that requests call it by
/// @param engine the model; must outlive the server
/// @param folder where it was opened, and other checkpoints beside it may be; empty if it is never loaded again
/// @param chatFormat how conversations become text
public record ModelChoice(String name, Engine engine, Optional<Path> folder, ChatFormat chatFormat) {

    /// Checks the name.
    ///
    /// @throws InputException if it is empty
    public ModelChoice {
        if (name.isBlank()) {
            throw new InputException("the model's name must not be empty");
        }
    }
}
