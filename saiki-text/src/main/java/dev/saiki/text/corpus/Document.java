package dev.saiki.text.corpus;

/// One whole text in a corpus: a file, a record, a work.
///
/// @param name the document's origin, for messages and reports; not necessarily unique
/// @param text the text
public record Document(String name, String text) {}
