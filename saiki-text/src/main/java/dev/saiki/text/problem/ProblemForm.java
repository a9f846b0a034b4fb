package dev.saiki.text.problem;

/// The form in which a problem is written.
public enum ProblemForm {
    /// Single letters, digits and signs between spaces, which a small tokenizer encodes as one token each.
    SYMBOLS,
    /// English sentences.
    SENTENCES
}
