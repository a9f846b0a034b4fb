package dev.saiki.rollout.course;

import java.io.Serial;

/// A failure to use the database of a rollout. The baseline answers all requests until the database is back.
public final class DatabaseGoneException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    DatabaseGoneException(String message) {
        super(message);
    }
}
