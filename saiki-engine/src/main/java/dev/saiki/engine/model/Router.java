package dev.saiki.engine.model;

/// A router, which decides for each token whether it takes a recursion step, and merges the step's output into the
/// token's state.
///
/// Every router is causal by construction: its only input is the token.
sealed interface Router permits FixedDepth, ExpertRouter, RandomRouter, TokenChoiceRouter, StepGatedRouter {

    /// Prepares the routing of tokens before their first step.
    ///
    /// @param chunk chunk that is about to enter the recursion
    /// @param flops counter of the router's arithmetic
    default void begin(TokenChunk chunk, FlopCounter flops) {}

    /// Decides about a token that took the previous step; {@link TokenChunk#apply} turns the decision into a
    /// depth.
    ///
    /// @param chunk the chunk of the token
    /// @param token index in the chunk
    /// @param step from 0; every token takes step 0
    /// @param flops counter of the router's arithmetic
    /// @return the decision
    StepDecision decide(TokenChunk chunk, int token, int step, FlopCounter flops);

    /// Returns the state with which a token would exit the recursion after the step that was merged last.
    ///
    /// @param chunk the chunk of the token
    /// @param token index in the chunk
    /// @param step the step, from 0
    /// @param outputs array that contains the block's output
    /// @param from index at which the output starts
    /// @return `[hidden]`
    default float[] exitState(TokenChunk chunk, int token, int step, float[] outputs, int from) {
        return chunk.state(token);
    }

    /// Merges the output of a step.
    ///
    /// @param chunk the chunk of the token
    /// @param token index in the chunk
    /// @param step the step, from 0
    /// @param outputs array that contains the block's output
    /// @param from index at which the output starts
    void merge(TokenChunk chunk, int token, int step, float[] outputs, int from);
}
