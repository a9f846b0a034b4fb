package dev.saiki.eval.format;

/// The head of a table's column.
///
/// @param title what the column holds
/// @param unit its unit; may be empty
public record Column(String title, String unit) {}
