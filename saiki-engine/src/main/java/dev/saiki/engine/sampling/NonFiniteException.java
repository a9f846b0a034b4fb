package dev.saiki.engine.sampling;

import java.io.Serial;

/// An exception that says that a model computed something that is not a number, so that nothing can be drawn
/// from it.
public final class NonFiniteException extends IllegalArgumentException {

    @Serial
    private static final long serialVersionUID = 1L;

    /// Makes an exception.
    ///
    /// @param message what is not a number
    public NonFiniteException(String message) {
        super(message);
    }
}
