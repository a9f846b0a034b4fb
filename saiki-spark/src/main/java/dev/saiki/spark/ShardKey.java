package dev.saiki.spark;

import java.util.Comparator;

/// A document by its place in the dataset: those of a shard lie together, in the order of the corpus.
///
/// @param shard the number of the shard, which is that of its partition
/// @param document the number of the document
record ShardKey(int shard, int document) implements GroupedKey, Comparable<ShardKey> {

    private static final Comparator<ShardKey> ORDER =
            Comparator.comparingInt(ShardKey::shard).thenComparingInt(ShardKey::document);

    @Override
    public int group() {
        return shard;
    }

    @Override
    public int compareTo(ShardKey other) {
        return ORDER.compare(this, other);
    }
}
