package dev.saiki.text.tokenizer;

/// A token that stands outside the merges: end of text, a role marker and the like.
///
/// @param id its id
/// @param content how it is written in text
/// @param singleWord whether it stands for itself only where no letter, digit or underscore is beside it
/// @param takesSpaceBefore whether white space before it belongs to it
/// @param takesSpaceAfter whether white space behind it belongs to it
record AddedToken(int id, String content, boolean singleWord, boolean takesSpaceBefore, boolean takesSpaceAfter) {}
