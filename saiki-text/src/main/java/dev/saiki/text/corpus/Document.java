package dev.saiki.text.corpus;

/// One whole text of a corpus: a file, a record, a work.
///
/// @param name where it came from, for messages and reports; not necessarily unique
/// @param text the text
public record Document(String name, String text) {}
