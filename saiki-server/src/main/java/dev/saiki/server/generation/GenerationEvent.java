package dev.saiki.server.generation;

import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import java.util.Optional;

/// An event of one answer of a call.
public sealed interface GenerationEvent {

    /// The index of the answer.
    int index();

    /// A generated token.
    record TokenWritten(int index, Token token) implements GenerationEvent {}

    /// An answer that is complete.
    record AnswerEnded(int index, GenerationResult finish) implements GenerationEvent {}

    /// An answer that will not be complete.
    ///
    /// @param finish how the answer ended, if the engine reported it
    /// @param failure the cause
    record AnswerFailed(int index, Optional<GenerationResult> finish, RuntimeException failure)
            implements GenerationEvent {}
}
