package dev.saiki.engine.model;

/// A router: says, one token at a time, who should take a recursion step, and merges what the step computed
/// into the token's state.
///
/// Causality needs no care here: a router sees nothing but the token.
sealed interface Router permits FixedDepth, ExpertRouter, RandomRouter, TokenChoiceRouter, StepGatedRouter {

    /// Looks at the tokens before their first step.
    ///
    /// @param chunk that begins its recursion
    /// @param flops counts what the router takes
    default void begin(TokenChunk chunk, FlopCounter flops) {}

    /// Decides about a token that took the step before; {@link TokenChunk#apply} makes a depth of it.
    ///
    /// @param chunk of the token
    /// @param token index in the chunk
    /// @param step from 0; every token takes step 0
    /// @param flops counts what the router takes
    /// @return the decision
    StepDecision decide(TokenChunk chunk, int token, int step, FlopCounter flops);

    /// Returns the state that a token would have left the recursion with after the step that was merged
    /// last.
    ///
    /// @param chunk of the token
    /// @param token index in the chunk
    /// @param step from 0
    /// @param outputs holds the block's output
    /// @param from where it starts
    /// @return `[hidden]`
    default float[] leavingState(TokenChunk chunk, int token, int step, float[] outputs, int from) {
        return chunk.state(token);
    }

    /// Merges the output of a step.
    ///
    /// @param chunk of the token
    /// @param token index in the chunk
    /// @param step from 0
    /// @param outputs holds the block's output
    /// @param from where it starts
    void merge(TokenChunk chunk, int token, int step, float[] outputs, int from);
}
