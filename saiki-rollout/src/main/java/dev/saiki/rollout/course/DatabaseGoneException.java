package dev.saiki.rollout.course;

import java.io.Serial;

/// The database of a rollout cannot be used; the baseline answers all until it can.
public final class DatabaseGoneException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    DatabaseGoneException(String message) {
        super(message);
    }
}
