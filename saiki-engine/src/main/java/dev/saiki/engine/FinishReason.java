package dev.saiki.engine;

/// The reason why a generation ended.
public enum FinishReason {
    /// The model ended the text.
    END_OF_TEXT,
    /// The text has the form that was asked for, and nothing can follow.
    FORM_COMPLETE,
    /// A stop string was written.
    STOP,
    /// A token was drawn that ends the answer.
    STOP_TOKEN,
    /// The wanted number of tokens was written.
    MAX_TOKENS,
    /// The caller gave up.
    CANCELLED,
    /// The request's time was over.
    DEADLINE,
    /// The engine was closed or failed; {@link TokenStream#finish} says how.
    FAILED
}
