package dev.saiki.engine;

import dev.saiki.engine.model.TokenChunk;
import dev.saiki.engine.settings.RouteSettings;
import java.util.Optional;

/// The task of a sequence: the processing of the model's outputs.
sealed interface SequenceTask permits GenerationTask, ReadingTask {

    int[] prompt();

    RouteSettings route();

    /// The most tokens that the sequence can have.
    int maxLength();

    /// Whether a prediction is needed after a position.
    boolean wantsLogits(int position, int length);

    /// Whether its tokens go through the model one at a time, with a trace of each.
    default boolean isTraced() {
        return false;
    }

    /// Whether it may reuse prefixes of other sequences, and leaves its own tokens for reuse.
    default boolean sharesPrefixes() {
        return false;
    }

    /// Whether the depths of its tokens are judged, and may be overruled because of the owner's other texts.
    default boolean isWatched() {
        return false;
    }

    /// The owner, with whom it shares prefixes, and for whom depths are judged.
    default String owner() {
        return GenerationRequest.ANYONE;
    }

    /// Whether the token after a position is drawn.
    default boolean draws(int position, int length) {
        return false;
    }

    /// Takes the logits of the position after a token; the array is the task's own copy.
    ///
    /// @param sequence the token's sequence, whose chunk has been through the model
    /// @param chunk of the token
    /// @param token index in the chunk
    /// @param logits `[V]`
    /// @return why the task ends here; empty if it continues
    Optional<FinishReason> takeLogits(Sequence sequence, TokenChunk chunk, int token, float[] logits);

    /// Whether it needs states rather than predictions.
    default boolean wantsStates() {
        return false;
    }

    /// Takes the last states of a chunk's tokens.
    ///
    /// @param firstPosition of the chunk
    /// @param chunk that has been through the model
    /// @param states `[tokens, hidden]`, after the final norm
    default void takeStates(int firstPosition, TokenChunk chunk, float[] states) {
        throw new IllegalStateException("no states were wanted");
    }

    /// Receives a chunk that the model has processed; its logits were passed before.
    ///
    /// @param firstPosition of the chunk
    /// @param chunk that has been through the model
    default void takeChunk(int firstPosition, TokenChunk chunk) {}

    /// Ends the task.
    ///
    /// @param usage of the sequence
    void end(FinishReason reason, Optional<Throwable> failure, SequenceUsage usage);
}
