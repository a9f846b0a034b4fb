package dev.saiki.engine.model;

/// A consumer of logits, which chooses the tokens after which logits are needed and then receives them.
public interface LogitsConsumer {

    /// Tells whether logits are needed after a token.
    ///
    /// @param chunk index of the token's chunk in the run
    /// @param token index in the chunk
    /// @return whether a prediction is needed after the token
    boolean wants(int chunk, int token);

    /// Receives the logits after a token.
    ///
    /// @param chunk index of the token's chunk in the run
    /// @param token index in the chunk
    /// @param logits array that contains the logits; it must not be kept
    /// @param from index at which the token's logits `[V]` start
    void take(int chunk, int token, float[] logits, int from);
}
