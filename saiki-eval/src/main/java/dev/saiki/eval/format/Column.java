package dev.saiki.eval.format;

/// The header of a table column.
///
/// @param title title of the column
/// @param unit its unit; may be empty
public record Column(String title, String unit) {}
