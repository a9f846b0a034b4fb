package dev.saiki.engine;

import dev.saiki.engine.model.TokenChunk;
import dev.saiki.engine.settings.RouteSettings;
import java.util.Optional;

/// The task of a sequence: what is done with the model's outputs.
sealed interface SequenceTask permits GenerationTask, ScoringTask, InspectionTask, EmbeddingTask {

    int[] prompt();

    RouteSettings route();

    /// Most tokens that the sequence can have.
    int maxLength();

    /// Whether what follows a position is to be predicted.
    boolean wantsLogits(int position, int length);

    /// Whether its tokens go through the model one at a time, and what happens to each is noted.
    default boolean isTraced() {
        return false;
    }

    /// Whether it may begin behind tokens that others have computed, and leaves its own to others.
    default boolean sharesPrefixes() {
        return false;
    }

    /// Whether the depths of its tokens are judged, and may be taken from the router for what the owner sends.
    default boolean isWatched() {
        return false;
    }

    /// Whose it is: with whom it shares prefixes, and for whom depths are judged.
    default String owner() {
        return GenerationRequest.ANYONE;
    }

    /// Whether the token that follows a position is drawn.
    default boolean draws(int position, int length) {
        return false;
    }

    /// Takes the logits that follow a token; the task's own copy.
    ///
    /// @param sequence of the token, whose chunk has been through the model
    /// @param chunk of the token
    /// @param token index in the chunk
    /// @param logits `[V]`
    /// @return why the task ends here; empty if it goes on
    Optional<FinishReason> takeLogits(Sequence sequence, TokenChunk chunk, int token, float[] logits);

    /// Whether it wants states more than what is predicted from them.
    default boolean wantsStates() {
        return false;
    }

    /// Takes the last states of a chunk.
    ///
    /// @param firstPosition of the chunk
    /// @param chunk that has been through the model
    /// @param states `[tokens, hidden]`, after the last norm
    default void takeStates(int firstPosition, TokenChunk chunk, float[] states) {
        throw new IllegalStateException("no states were wanted");
    }

    /// Takes a chunk that has been through the model, after its logits.
    ///
    /// @param firstPosition of the chunk
    /// @param chunk that is through
    default void takeChunk(int firstPosition, TokenChunk chunk) {}

    /// Ends the task.
    ///
    /// @param usage what the tokens took
    void end(FinishReason reason, Optional<Throwable> failure, SequenceUsage usage);

    /// Why there is no result.
    static Throwable failureOf(FinishReason reason, Optional<Throwable> failure) {
        return failure.orElseGet(() -> new IllegalStateException("the work ended early: " + reason));
    }
}
