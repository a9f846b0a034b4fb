package dev.saiki.spark;

import dev.saiki.text.cleaning.SourceCounts;

/// An element of a source after cleaning, which consists of its kept documents and then its counts.
sealed interface SourceItem {

    /// A kept document.
    ///
    /// @param position the document's position in the corpus
    /// @param text the remaining text
    record Kept(long position, String text) implements SourceItem {}

    /// The end of a source.
    ///
    /// @param part the source
    /// @param counts the source's documents by verdict
    record Ended(InputPart part, SourceCounts counts) implements SourceItem {}
}
