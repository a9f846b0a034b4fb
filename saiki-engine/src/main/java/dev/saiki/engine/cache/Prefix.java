package dev.saiki.engine.cache;

import java.util.List;

/// The beginning of a text whose keys and values are kept, as {@link PrefixCache#find} found it; stands until
/// pages are next taken from the pool.
///
/// @param depths recursions that each of its tokens took
/// @param pages pages that are no longer free for others once a sequence begins with it
/// @param stores what each store keeps, in the order of {@link SequenceCache#stores}; empty for an empty prefix
@SuppressWarnings("ArrayRecordComponent") // A short-lived carrier that nothing compares.
public record Prefix(int[] depths, int pages, List<SlotRange> stores) {

    /// Nothing.
    public static final Prefix EMPTY = new Prefix(new int[0], 0, List.of());

    /// Keeps its own copy of the list.
    public Prefix {
        stores = List.copyOf(stores);
    }

    /// Counts the tokens.
    ///
    /// @return how many need not be computed
    public int tokens() {
        return depths.length;
    }

    /// Counts the pages that more tokens would take behind it if all of them went to the greatest depth.
    ///
    /// @param tokens to be added
    /// @return pages beyond those that it names
    public int pagesFor(int tokens) {
        return stores.stream().mapToInt(slots -> slots.pagesFor(tokens)).sum();
    }
}
