package dev.saiki.spark;

import java.util.Comparator;

/// A pair of near-duplicates keyed by one of them. The pairs of a document are adjacent, in the order of the others.
///
/// @param document the position of the document in the corpus
/// @param other the position of the other document
record EdgeKey(long document, long other) implements GroupedKey, Comparable<EdgeKey> {

    private static final Comparator<EdgeKey> ORDER =
            Comparator.comparingLong(EdgeKey::document).thenComparingLong(EdgeKey::other);

    @Override
    public int group() {
        return Long.hashCode(document);
    }

    @Override
    public int compareTo(EdgeKey other) {
        return ORDER.compare(this, other);
    }
}
