package dev.saiki.http;

import java.io.Serial;

/// An exception that ends the processing of a request because the client has disconnected.
public final class ClientGoneException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /// Creates the exception for a client whose disconnect was detected.
    public ClientGoneException() {
        super("the client is gone");
    }

    /// Makes the exception.
    ///
    /// @param cause the failure of the write
    public ClientGoneException(Throwable cause) {
        super("the client is gone", cause);
    }
}
