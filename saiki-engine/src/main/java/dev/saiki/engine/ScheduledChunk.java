package dev.saiki.engine;

import dev.saiki.engine.model.TokenChunk;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A chunk in flight, with its sequence and its result.
final class ScheduledChunk {

    private final Sequence sequence;
    private final TokenChunk chunk;
    private Optional<FinishReason> finishReason = Optional.empty();
    private @Nullable RuntimeException failure;

    ScheduledChunk(Sequence sequence, TokenChunk chunk) {
        this.sequence = sequence;
        this.chunk = chunk;
    }

    Sequence sequence() {
        return sequence;
    }

    TokenChunk chunk() {
        return chunk;
    }

    /// Counts the tokens of the chunk.
    int count() {
        return chunk.count();
    }

    /// Counts the chunk's tokens that are active in the next recursion step.
    int activeCount() {
        return chunk.activeCount();
    }

    /// The maximum number of pages that the chunk may still take.
    int pagesAhead() {
        return sequence.cache().pagesFor(chunk.count());
    }

    /// Sets the reason why the sequence ends after this chunk, if it does.
    void finish(Optional<FinishReason> reason) {
        finishReason = reason;
    }

    Optional<FinishReason> finishReason() {
        return finishReason;
    }

    void fail(RuntimeException cause) {
        failure = cause;
    }

    @Nullable
    RuntimeException failure() {
        return failure;
    }
}
