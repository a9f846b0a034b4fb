package dev.saiki.tensor;

import java.io.Serial;

/// An error in LibTorch, or in the use of a tensor.
public final class TensorException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /// Makes an exception without a native cause.
    ///
    /// @param message what failed
    public TensorException(String message) {
        super(message);
    }

    /// Makes an exception that wraps a native one.
    ///
    /// @param message what failed
    /// @param cause the native exception
    public TensorException(String message, Throwable cause) {
        super(message, cause);
    }
}
