package dev.saiki.engine;

/// The reason why a generation ended.
public enum FinishReason {
    /// The model ended the text.
    END_OF_TEXT,
    /// The text has the required form and cannot continue.
    FORM_COMPLETE,
    /// A stop string was generated.
    STOP,
    /// One of the request's own stop tokens was drawn.
    STOP_TOKEN,
    /// The requested number of tokens was generated.
    MAX_TOKENS,
    /// The caller cancelled the generation.
    CANCELLED,
    /// The request timed out.
    DEADLINE,
    /// The engine was closed or failed; {@link TokenStream#finish} gives the cause.
    FAILED
}
