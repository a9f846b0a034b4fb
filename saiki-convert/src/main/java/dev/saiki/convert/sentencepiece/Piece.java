package dev.saiki.convert.sentencepiece;

/// A token of a vocabulary of SentencePiece's kind; its id is its place.
///
/// @param text its spelling, with `▁` in place of each space
/// @param score the higher, the sooner two neighbours become it
/// @param kind what it is for
public record Piece(String text, double score, Kind kind) {

    /// The purpose of a token; the order is that of SentencePiece's numbers, from 1.
    public enum Kind {
        /// A piece of text.
        NORMAL,
        /// What has no token.
        UNKNOWN,
        /// A mark that no text spells, such as the end of a text.
        CONTROL,
        /// A text that is always one token.
        USER_DEFINED,
        /// Nothing.
        UNUSED,
        /// One byte of a character that has no token.
        BYTE
    }
}
