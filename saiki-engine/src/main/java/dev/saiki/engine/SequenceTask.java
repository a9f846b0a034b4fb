package dev.saiki.engine;

import dev.saiki.engine.model.TokenChunk;
import dev.saiki.engine.settings.RouteSettings;
import java.util.Optional;

/// The task of a sequence: what to do with the model's outputs.
sealed interface SequenceTask permits GenerationTask, ReadingTask {

    int[] prompt();

    RouteSettings route();

    /// The maximum number of tokens of the sequence.
    int maxLength();

    /// Whether a prediction is needed after a position.
    boolean wantsLogits(int position, int length);

    /// Whether the tokens go through the model one at a time, each with a trace.
    default boolean isTraced() {
        return false;
    }

    /// Whether the sequence reuses prefixes of other sequences, and leaves its own tokens for reuse.
    default boolean sharesPrefixes() {
        return false;
    }

    /// Whether the depths of the tokens are judged, and may be overruled because of the same owner's other
    /// texts.
    default boolean isWatched() {
        return false;
    }

    /// The owner. Prefixes are shared only between texts of one owner, and the depths of each owner's tokens are
    /// judged separately.
    default String owner() {
        return GenerationRequest.ANYONE;
    }

    /// Whether the token after a position is to be drawn.
    default boolean draws(int position, int length) {
        return false;
    }

    /// Takes the logits that predict the token after a given token. The array is a copy that the task may
    /// keep.
    ///
    /// @param sequence the sequence whose chunk the model has processed
    /// @param chunk the chunk of the token
    /// @param token index in the chunk
    /// @param logits `[V]`
    /// @return the reason why the task ends here; empty if it continues
    Optional<FinishReason> takeLogits(Sequence sequence, TokenChunk chunk, int token, float[] logits);

    /// Whether the task needs states rather than predictions.
    default boolean wantsStates() {
        return false;
    }

    /// Takes the last states of a chunk's tokens.
    ///
    /// @param firstPosition the position of the first token
    /// @param chunk the chunk that the model has processed
    /// @param states `[tokens, hidden]`, after the final norm
    default void takeStates(int firstPosition, TokenChunk chunk, float[] states) {
        throw new IllegalStateException("this task takes no states");
    }

    /// Receives a chunk that the model has processed, after the logits of the chunk's tokens.
    ///
    /// @param firstPosition the position of the first token
    /// @param chunk the chunk that the model has processed
    default void takeChunk(int firstPosition, TokenChunk chunk) {}

    /// Ends the task and passes on its result.
    ///
    /// @param usage the usage of the sequence
    void end(FinishReason reason, Optional<Throwable> failure, SequenceUsage usage);
}
