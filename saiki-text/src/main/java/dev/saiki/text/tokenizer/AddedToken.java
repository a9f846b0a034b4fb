package dev.saiki.text.tokenizer;

/// A token outside the merges, such as end of text or a role marker.
///
/// @param id the id of the token
/// @param content the text of the token
/// @param singleWord whether the token is recognised only where no letter, digit or underscore is adjacent
/// @param takesSpaceBefore whether white space before the token belongs to it
/// @param takesSpaceAfter whether white space after the token belongs to it
record AddedToken(int id, String content, boolean singleWord, boolean takesSpaceBefore, boolean takesSpaceAfter) {}
