package dev.saiki.engine.settings;

import dev.saiki.io.InputException;

/// Between how many recursions a request's tokens may take.
///
/// @param min no token takes fewer, as far as the model has them; at least 1
/// @param max no token takes more
public record DepthBounds(int min, int max) {

    /// The router alone decides.
    public static final DepthBounds NONE = new DepthBounds(1, Integer.MAX_VALUE);

    /// Checks the bounds.
    ///
    /// @throws InputException naming the bound, what is allowed, and what was got
    public DepthBounds {
        if (min < 1) {
            throw new InputException("min_depth must be at least 1, got " + min);
        }
        if (max < min) {
            throw new InputException("max_depth must be at least min_depth = " + min + ", got " + max);
        }
    }
}
