package dev.saiki.text.tokenizer;

/// A token that stands outside the merges: end of text, a role marker and the like.
///
/// @param id its id
/// @param content how it is written in text
record AddedToken(int id, String content) {}
