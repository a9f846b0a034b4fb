package dev.saiki.engine.model;

/// Decides, one token at a time, who takes a recursion step, and merges what the step computed into the token's
/// state.
///
/// Causality needs no care here: a router sees nothing but the token.
sealed interface Router permits FixedDepth, ExpertRouter, RandomRouter, TokenChoiceRouter {

    /// Looks at the tokens before their first step.
    ///
    /// @param span that begins its recursion
    /// @param flops counts what the router takes
    void begin(Span span, FlopCounter flops);

    /// Tells whether a token that took the step before takes this one, and if so leaves its gate in the span.
    ///
    /// @param span of the token
    /// @param token index in the span
    /// @param step from 0; every token takes step 0
    /// @param flops counts what the router takes
    /// @return whether it goes on
    boolean goesOn(Span span, int token, int step, FlopCounter flops);

    /// Returns the state that a token would have left the recursion with after the step that was merged
    /// last.
    ///
    /// @param span of the token
    /// @param token index in the span
    /// @param step from 0
    /// @param outputs holds the block's output
    /// @param from where it starts
    /// @return `[hidden]`
    float[] leavingState(Span span, int token, int step, float[] outputs, int from);

    /// Merges the output of a step.
    ///
    /// @param span of the token
    /// @param token index in the span
    /// @param step from 0
    /// @param outputs holds the block's output
    /// @param from where it starts
    void merge(Span span, int token, int step, float[] outputs, int from);
}
