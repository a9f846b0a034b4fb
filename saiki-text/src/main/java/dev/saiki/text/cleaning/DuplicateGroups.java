package dev.saiki.text.cleaning;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Groups of near-duplicates: two documents are in one group if a chain of pairs connects them.
///
/// Which document of a group is kept depends only on the set of pairs, not on their order.
public final class DuplicateGroups {

    /// A union-find forest: maps each document that occurs in a pair to an earlier document of its group, and the
    /// earliest document to itself.
    private final Map<Long, Long> earlier = new HashMap<>();

    /// Creates an instance without any pair.
    public DuplicateGroups() {}

    /// Joins the groups of two documents.
    ///
    /// @param first the position of one document in the corpus
    /// @param second the position of the other document
    public void join(long first, long second) {
        long one = earliest(first);
        long other = earliest(second);
        earlier.put(Math.max(one, other), Math.min(one, other));
    }

    private long earliest(long position) {
        long root = position;
        for (Long next = earlier.putIfAbsent(root, root); next != null && next != root; next = earlier.get(root)) {
            root = next;
        }
        long at = position;
        while (at != root) {
            Long next = earlier.put(at, root);
            at = next == null ? root : next;
        }
        return root;
    }

    /// The documents to remove: all except the earliest of each group.
    ///
    /// @return the positions of the documents, ascending
    public long[] leftOut() {
        long[] positions = earlier.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(entry.getValue()))
                .mapToLong(Map.Entry::getKey)
                .toArray();
        Arrays.sort(positions);
        return positions;
    }
}
