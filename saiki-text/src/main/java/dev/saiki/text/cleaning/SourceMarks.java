package dev.saiki.text.cleaning;

import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;

/// The duplicates of one source: documents by their numbers in the source, and paragraphs by their numbers among the
/// paragraphs of the source's kept documents.
public final class SourceMarks {

    private final Map<DuplicateKind, BitSet> marked = new EnumMap<>(DuplicateKind.class);

    /// Creates an instance without duplicates.
    public SourceMarks() {}

    /// Marks a duplicate.
    ///
    /// @param kind the kind
    /// @param number the number of the document or paragraph, from 0
    public void mark(DuplicateKind kind, int number) {
        marked.computeIfAbsent(kind, _ -> new BitSet()).set(number);
    }

    boolean has(DuplicateKind kind, int number) {
        BitSet numbers = marked.get(kind);
        return numbers != null && numbers.get(number);
    }
}
