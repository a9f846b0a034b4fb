package dev.saiki.convert.sentencepiece;

/// A token of a SentencePiece vocabulary; its index is its id.
///
/// @param text the token's spelling, with `▁` in place of each space
/// @param score the priority of merging: the pair whose merged token has the highest score is merged first
/// @param kind the token's type
public record Piece(String text, double score, Kind kind) {

    /// The type of a token, in the order of SentencePiece's codes, from 1.
    public enum Kind {
        /// A piece of text.
        NORMAL,
        /// The token for text that has no token of its own.
        UNKNOWN,
        /// A control token that no text encodes to, such as the end of a text.
        CONTROL,
        /// A text that is always a single token.
        USER_DEFINED,
        /// An unused token.
        UNUSED,
        /// A byte of a character that has no token of its own.
        BYTE
    }
}
