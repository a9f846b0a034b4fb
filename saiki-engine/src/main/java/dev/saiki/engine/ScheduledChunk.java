package dev.saiki.engine;

import dev.saiki.engine.model.TokenChunk;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A chunk in flight, its sequence, and its result.
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

    /// Counts its tokens.
    int count() {
        return chunk.count();
    }

    /// Counts its tokens that take the coming recursion step.
    int activeCount() {
        return chunk.activeCount();
    }

    /// The pages that it may still take.
    int pagesAhead() {
        return sequence.cache().pagesFor(chunk.count());
    }

    /// Says why its sequence ends with it, if it does.
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
