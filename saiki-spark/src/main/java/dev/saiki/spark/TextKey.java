package dev.saiki.spark;

import dev.saiki.text.cleaning.TextHash;
import java.util.Comparator;

/// A document keyed by the hash of its text. Copies are adjacent, in corpus order.
///
/// @param text the hash of the text
/// @param position the document's position in the corpus
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
