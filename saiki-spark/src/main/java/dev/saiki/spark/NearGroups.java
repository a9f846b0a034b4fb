package dev.saiki.spark;

import dev.saiki.text.hash.SplitMix64;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/// The groups of near-duplicates on a cluster, as {@link dev.saiki.text.cleaning.DuplicateGroups} finds them.
///
/// Rounds of large-star and small-star steps (Kiveris et al., Connected Components in MapReduce and Beyond, SoCC
/// 2014) replace pairs until each document is paired only with the earliest of its group. A step streams the pairs
/// of a document in sorted order, so no group has to fit into memory.
final class NearGroups {

    private final int partitions;

    NearGroups(int partitions) {
        this.partitions = partitions;
    }

    /// A pair of documents.
    ///
    /// @param earlier position, in the corpus, of the document that comes first
    /// @param later position, in the corpus, of the document that comes second
    record Pair(long earlier, long later) implements Serializable {}

    /// A sum over pairs, which stays the same when a round changes nothing.
    ///
    /// @param pairs the number of pairs
    /// @param hash the sum of their hashes
    private record Checksum(long pairs, long hash) implements Serializable {

        static Checksum of(JavaRDD<Pair> pairs) {
            return pairs.map(pair -> new Checksum(1, SplitMix64.mix(pair.earlier(), pair.later())))
                    .fold(new Checksum(0, 0), Checksum::plus);
        }

        Checksum plus(Checksum other) {
            return new Checksum(pairs + other.pairs, hash + other.hash);
        }
    }

    /// The documents to remove: all except the earliest of each group.
    JavaRDD<Long> leftOut(JavaRDD<Pair> found) {
        JavaRDD<Pair> pairs = found.persist(StorageLevel.DISK_ONLY());
        Checksum before = new Checksum(-1, 0);
        Checksum now = Checksum.of(pairs);
        while (!now.equals(before)) {
            JavaRDD<Pair> next = round(pairs).persist(StorageLevel.DISK_ONLY());
            before = now;
            now = Checksum.of(next);
            pairs.unpersist();
            pairs = next;
        }
        return pairs.map(Pair::later);
    }

    private JavaRDD<Pair> round(JavaRDD<Pair> pairs) {
        JavaRDD<Pair> large = stars(
                pairs.flatMap(pair -> List.of(
                                new EdgeKey(pair.earlier(), pair.later()), new EdgeKey(pair.later(), pair.earlier()))
                        .iterator()),
                true);
        return stars(large.map(pair -> new EdgeKey(pair.later(), pair.earlier())), false);
    }

    private JavaRDD<Pair> stars(JavaRDD<EdgeKey> edges, boolean isLarge) {
        return edges.mapToPair(edge -> new Tuple2<>(edge, true))
                .repartitionAndSortWithinPartitions(new GroupPartitioner(partitions))
                .mapPartitions(sorted -> new Stars(sorted, isLarge));
    }
}
