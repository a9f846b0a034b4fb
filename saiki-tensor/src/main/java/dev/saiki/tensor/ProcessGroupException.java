package dev.saiki.tensor;

import java.io.Serial;

/// A failure in a process group: a process is unreachable, has ended, or does not answer.
public final class ProcessGroupException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /// Creates an exception.
    ///
    /// @param message the failure, with the failed process
    /// @param cause the library's exception
    public ProcessGroupException(String message, Throwable cause) {
        super(message, cause);
    }
}
