package dev.saiki.eval.format;

/// The header of a table column.
///
/// @param title title of the column
/// @param unit unit of the column; may be empty
public record Column(String title, String unit) {}
