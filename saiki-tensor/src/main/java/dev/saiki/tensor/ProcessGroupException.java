package dev.saiki.tensor;

import java.io.Serial;

/// A failure in a process group: a process could not be reached, ended, or does not answer.
public final class ProcessGroupException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /// Makes an exception.
    ///
    /// @param message which process failed, and how
    /// @param cause what the library said
    public ProcessGroupException(String message, Throwable cause) {
        super(message, cause);
    }
}
