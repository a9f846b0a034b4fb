package dev.saiki.engine.cache;

import java.util.Arrays;
import java.util.List;

/// The slots of a range of tokens in a store, and the pages that contain them.
///
/// @param slotsPerPage slots in a page of the store
/// @param first slot of the first token
/// @param positions the positions of the tokens, one per slot, ascending
/// @param pages page numbers in order; the first and the last page may also hold slots of other tokens
@SuppressWarnings("ArrayRecordComponent") // Internal; never compared.
record SlotRange(int slotsPerPage, int first, int[] positions, int[] pages) {

    /// Joins consecutive ranges (parts), the first of which starts at slot 0.
    ///
    /// Two parts can share the page in which one ends and the other begins. The later part's page is used, because
    /// it also contains the earlier slots: the sequence that filled it wrote or copied them.
    ///
    /// @param parts in order, at least one
    /// @param tokens number of the text's first tokens to keep
    /// @return the joined range
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

    /// Counts the full pages.
    int fullPages() {
        return positions.length / slotsPerPage;
    }

    /// Tells whether the last page has free slots.
    boolean endsWithinPage() {
        return positions.length % slotsPerPage != 0;
    }

    /// Counts the additional pages that more slots would need.
    int pagesFor(int slots) {
        return Math.ceilDiv(positions.length + slots, slotsPerPage) - pages.length;
    }
}
