package dev.saiki.eval.verify;

import dev.saiki.checkpoint.provenance.Verification;
import java.io.IOException;
import java.util.Optional;

/// A run of a model that another one is compared with, text by text.
public sealed interface Reference extends AutoCloseable permits ReferenceFile, EndpointReference {

    /// Returns the next text.
    ///
    /// @return empty after the last one
    /// @throws IOException if it cannot be read
    /// @throws InterruptedException if this thread is interrupted
    /// @throws dev.saiki.io.InputException if it is not what it must be; says where
    Optional<ReferenceText> next() throws IOException, InterruptedException;

    /// Says what it is.
    ///
    /// @return what is known when all texts were read
    Verification.Reference description();

    @Override
    void close() throws IOException;
}
