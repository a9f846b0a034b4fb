package dev.saiki.eval.format;

/// The header of a table column.
///
/// @param title what the column holds
/// @param unit its unit; may be empty
public record Column(String title, String unit) {}
