package dev.saiki.spark;

import java.util.Comparator;

/// A document keyed by its place in the dataset. The documents of a shard are adjacent, in corpus order.
///
/// @param shard the number of the shard and of its partition
/// @param position the document's position in the corpus
record ShardKey(int shard, long position) implements GroupedKey, Comparable<ShardKey> {

    private static final Comparator<ShardKey> ORDER =
            Comparator.comparingInt(ShardKey::shard).thenComparingLong(ShardKey::position);

    @Override
    public int group() {
        return shard;
    }

    @Override
    public int compareTo(ShardKey other) {
        return ORDER.compare(this, other);
    }
}
