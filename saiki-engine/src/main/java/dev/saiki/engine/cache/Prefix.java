package dev.saiki.engine.cache;

import java.util.List;

/// The cached beginning of a text, as found by {@link PrefixCache#find}; it is valid until the next page is
/// allocated from the pool.
///
/// @param depths number of recursions that each token of the prefix took
/// @param pages number of free pages that will be in use once a sequence starts with the prefix
/// @param stores slots of each store, in the order of {@link SequenceCache#stores}; empty for an empty prefix
@SuppressWarnings("ArrayRecordComponent") // Short-lived; never compared.
public record Prefix(int[] depths, int pages, List<SlotRange> stores) {

    /// The empty prefix.
    public static final Prefix EMPTY = new Prefix(new int[0], 0, List.of());

    /// Makes a defensive copy of the list.
    public Prefix {
        stores = List.copyOf(stores);
    }

    /// Counts the tokens.
    ///
    /// @return the number of tokens that need not be computed
    public int tokens() {
        return depths.length;
    }

    /// Counts the pages that more tokens would need after the prefix if all these tokens went to the greatest
    /// depth.
    ///
    /// @param tokens number of tokens to be added
    /// @return pages beyond those of the prefix
    public int pagesFor(int tokens) {
        return stores.stream().mapToInt(slots -> slots.pagesFor(tokens)).sum();
    }
}
