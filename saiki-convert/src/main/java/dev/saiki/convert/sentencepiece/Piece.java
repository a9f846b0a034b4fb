package dev.saiki.convert.sentencepiece;

/// A token of a SentencePiece vocabulary; its index is its id.
///
/// @param text its spelling, with `▁` in place of each space
/// @param score pairs with the highest score merge first
/// @param kind what it is for
public record Piece(String text, double score, Kind kind) {

    /// The type of a token, in the order of SentencePiece's codes, from 1.
    public enum Kind {
        /// A piece of text.
        NORMAL,
        /// What has no token.
        UNKNOWN,
        /// A control token that no text encodes to, such as the end of a text.
        CONTROL,
        /// A text that is always a single token.
        USER_DEFINED,
        /// Nothing.
        UNUSED,
        /// A byte of a character that has no token.
        BYTE
    }
}
