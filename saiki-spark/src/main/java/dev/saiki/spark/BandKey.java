package dev.saiki.spark;

import java.util.Comparator;

/// A document keyed by one band of its sketch. Documents with the same value in a band are adjacent, in corpus
/// order.
///
/// @param band the number of the band
/// @param value the value of this band in the document's sketch
/// @param position the document's position in the corpus
record BandKey(int band, long value, long position) implements GroupedKey, Comparable<BandKey> {

    private static final Comparator<BandKey> ORDER = Comparator.comparingInt(BandKey::band)
            .thenComparingLong(BandKey::value)
            .thenComparingLong(BandKey::position);

    boolean sharesBucket(BandKey other) {
        return band == other.band && value == other.value;
    }

    @Override
    public int group() {
        return Long.hashCode(value) * 31 + band;
    }

    @Override
    public int compareTo(BandKey other) {
        return ORDER.compare(this, other);
    }
}
