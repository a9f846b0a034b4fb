package dev.saiki.server.settings;

import dev.saiki.io.InputException;
import java.nio.file.Path;

/// An adapter to serve in addition to its model.
///
/// @param name the name, in requests, of the model with the adapter
/// @param folder the folder of the adapter
public record AdapterChoice(String name, Path folder) {

    /// Checks the name.
    ///
    /// @throws InputException if the name is empty
    public AdapterChoice {
        if (name.isBlank()) {
            throw new InputException("the adapter's name must not be empty");
        }
    }
}
