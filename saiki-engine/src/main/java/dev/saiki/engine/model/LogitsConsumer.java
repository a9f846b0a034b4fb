package dev.saiki.engine.model;

/// A consumer of logits, which chooses the tokens after which logits are needed, and takes them.
public interface LogitsConsumer {

    /// Tells whether logits are needed.
    ///
    /// @param chunk index of the token's chunk in the run
    /// @param token index in the chunk
    /// @return whether a prediction is needed after the token
    boolean wants(int chunk, int token);

    /// Takes logits.
    ///
    /// @param chunk index of the token's chunk in the run
    /// @param token index in the chunk
    /// @param logits the array that contains them; it must not be kept
    /// @param from where the token's `[V]` start
    void take(int chunk, int token, float[] logits, int from);
}
