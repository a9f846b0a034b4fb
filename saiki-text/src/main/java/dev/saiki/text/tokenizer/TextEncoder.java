package dev.saiki.text.tokenizer;

/// An encoder of text without special tokens into ids; safe to use from several threads.
sealed interface TextEncoder permits JtokkitEncoder, MergeEncoder, PieceEncoder {

    /// Appends the ids of a text.
    void encode(String text, IntSequence output);
}
