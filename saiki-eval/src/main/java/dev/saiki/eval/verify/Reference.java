package dev.saiki.eval.verify;

import dev.saiki.checkpoint.provenance.Verification;
import java.io.IOException;
import java.util.Optional;

/// The results of another run of the same model, such as in another tool, text by text. The model's results are
/// compared with them.
public sealed interface Reference extends AutoCloseable permits ReferenceFile, EndpointReference {

    /// Returns the next text.
    ///
    /// @return the text; empty after the last text
    /// @throws IOException if the reference cannot be read
    /// @throws InterruptedException if this thread is interrupted
    /// @throws dev.saiki.io.InputException if the text is invalid; the message names the place
    Optional<ReferenceText> next() throws IOException, InterruptedException;

    /// Returns a description of the reference.
    ///
    /// @return the description of the run; complete only after all texts are read
    Verification.Reference description();

    @Override
    void close() throws IOException;
}
