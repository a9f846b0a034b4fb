package dev.saiki.engine.model;

/// A consumer of logits: it says after which tokens they are wanted, and takes them.
public interface LogitsConsumer {

    /// Tells whether logits are wanted.
    ///
    /// @param chunk index of the token's chunk in the run
    /// @param token index in the chunk
    /// @return whether what follows the token is to be predicted
    boolean wants(int chunk, int token);

    /// Takes logits.
    ///
    /// @param chunk index of the token's chunk in the run
    /// @param token index in the chunk
    /// @param logits holds them; not to be kept
    /// @param from where the token's `[V]` start
    void take(int chunk, int token, float[] logits, int from);
}
