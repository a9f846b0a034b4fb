package dev.saiki.spark;

import dev.saiki.text.cleaning.TextHash;
import java.util.Comparator;

/// A document by its text: copies of a text lie together, in the order of the corpus.
///
/// @param text the hash of the text
/// @param position where the document stands in the corpus
record TextKey(TextHash text, long position) implements GroupedKey, Comparable<TextKey> {

    private static final Comparator<TextKey> ORDER = Comparator.<TextKey>comparingLong(
                    key -> key.text().high())
            .thenComparingLong(key -> key.text().low())
            .thenComparingLong(TextKey::position);

    @Override
    public int group() {
        return Long.hashCode(text.high());
    }

    @Override
    public int compareTo(TextKey other) {
        return ORDER.compare(this, other);
    }
}
