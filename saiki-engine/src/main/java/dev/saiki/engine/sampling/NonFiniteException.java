package dev.saiki.engine.sampling;

import java.io.Serial;

/// An exception thrown because the model computed a non-finite number.
public final class NonFiniteException extends IllegalArgumentException {

    @Serial
    private static final long serialVersionUID = 1L;

    /// Makes an exception.
    ///
    /// @param message message that names the non-finite value
    public NonFiniteException(String message) {
        super(message);
    }
}
