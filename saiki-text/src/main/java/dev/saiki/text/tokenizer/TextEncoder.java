package dev.saiki.text.tokenizer;

/// A thread-safe encoder of text without special tokens.
sealed interface TextEncoder permits MergeEncoder, PieceEncoder {

    /// Appends the ids of a text.
    void encode(String text, IntSequence output);
}
