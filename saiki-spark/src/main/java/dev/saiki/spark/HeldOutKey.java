package dev.saiki.spark;

import java.util.Comparator;

/// A document keyed by its group in the choice of held-out documents. Partitions are ranges of groups.
///
/// @param choiceGroup the number of the group, see {@link dev.saiki.text.dataset.HeldOutChoice#group}
/// @param position the document's position in the corpus
/// @param partitions the number of partitions
record HeldOutKey(int choiceGroup, long position, int partitions) implements GroupedKey, Comparable<HeldOutKey> {

    private static final Comparator<HeldOutKey> ORDER =
            Comparator.comparingInt(HeldOutKey::choiceGroup).thenComparingLong(HeldOutKey::position);

    /// The number of the partition.
    @Override
    public int group() {
        return (int) ((((long) choiceGroup - Integer.MIN_VALUE) * partitions) >>> Integer.SIZE);
    }

    @Override
    public int compareTo(HeldOutKey other) {
        return ORDER.compare(this, other);
    }
}
