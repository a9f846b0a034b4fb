package dev.saiki.engine.settings;

import dev.saiki.io.InputException;
import java.util.OptionalInt;

/// The bounds on the number of recursions that a request's tokens take.
///
/// @param min minimum number of recursions of a token, at least 1; has no effect for a model without recursions
/// @param max maximum number of recursions of a token; empty for no bound
public record DepthBounds(int min, OptionalInt max) {

    /// Checks the bounds.
    ///
    /// @throws InputException naming the bound, the allowed values, and the given value
    public DepthBounds {
        InputException.requireAtLeast("min_depth", min, 1);
        if (max.isPresent() && max.getAsInt() < min) {
            throw new InputException("max_depth must be at least min_depth = " + min + ", got " + max.getAsInt());
        }
    }

    /// Returns the maximum depth of a token in a model.
    ///
    /// @param numRecursions the number of recursions of the model
    /// @return number of recursions, at most the model's
    public int deepest(int numRecursions) {
        return max.isPresent() ? Math.min(max.getAsInt(), numRecursions) : numRecursions;
    }
}
