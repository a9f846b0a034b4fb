package dev.saiki.engine;

import java.io.Serial;

/// A model computed something that is not a number, so that nothing can be drawn from it.
public final class NotFiniteException extends IllegalArgumentException {

    @Serial
    private static final long serialVersionUID = 1L;

    NotFiniteException(String message) {
        super(message);
    }
}
