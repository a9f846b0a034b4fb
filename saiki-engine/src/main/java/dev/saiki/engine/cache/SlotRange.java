package dev.saiki.engine.cache;

import java.util.Arrays;
import java.util.List;

/// The slots that a store holds of a range of tokens, and the pages that these lie in.
///
/// @param slotsPerPage slots of a page of the store
/// @param first slot of the first of them
/// @param positions of the tokens, one a slot, rising
/// @param pages in order; the first and the last one may hold slots of other tokens too
@SuppressWarnings("ArrayRecordComponent") // A carrier that nothing compares.
record SlotRange(int slotsPerPage, int first, int[] positions, int[] pages) {

    /// Joins parts that follow one another from slot 0 on.
    ///
    /// Two parts can share the page in which one ends and the other begins. The later part's is taken: whoever
    /// wrote it has the slots before it in the same page, written or copied.
    ///
    /// @param parts in order, at least one
    /// @param tokens positions from here on are left out
    /// @return one part
    static SlotRange join(List<SlotRange> parts, int tokens) {
        int slotsPerPage = parts.getFirst().slotsPerPage;
        int[] positions = parts.stream()
                .flatMapToInt(part -> Arrays.stream(part.positions))
                .takeWhile(position -> position < tokens)
                .toArray();
        int[] pages = new int[Math.ceilDiv(positions.length, slotsPerPage)];
        for (SlotRange part : parts) {
            int from = part.first / slotsPerPage;
            int count = Math.min(part.pages.length, pages.length - from);
            System.arraycopy(part.pages, 0, pages, from, Math.max(0, count));
        }
        return new SlotRange(slotsPerPage, 0, positions, pages);
    }

    /// Counts the pages that have no room left.
    int fullPages() {
        return positions.length / slotsPerPage;
    }

    /// Tells whether the last page has room.
    boolean endsWithinPage() {
        return positions.length % slotsPerPage != 0;
    }

    /// Counts the pages that more slots would take behind them.
    int pagesFor(int slots) {
        return Math.ceilDiv(positions.length + slots, slotsPerPage) - pages.length;
    }
}
