package dev.saiki.spark;

import dev.saiki.text.cleaning.SourceMarks;

/// A source with its duplicates.
///
/// @param part the source
/// @param marks the duplicates
record SourceWork(InputPart part, SourceMarks marks) {}
