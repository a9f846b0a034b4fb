package dev.saiki.tensor;

import java.io.Serial;

/// An error in LibTorch, or in the use of a tensor.
public final class TensorException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /// Creates an exception.
    ///
    /// @param message a description of the failure
    public TensorException(String message) {
        super(message);
    }
}
