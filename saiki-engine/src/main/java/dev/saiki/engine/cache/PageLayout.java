package dev.saiki.engine.cache;

import dev.saiki.engine.kernel.CacheFormat;

/// The layout of keys and values in a page.
///
/// All pages of a pool have the same number of bytes, so that any store can use a page that another store has
/// freed. A page of a store with `layers` layers has room for `slotsPerPage(layers)` tokens: the fewer layers, the
/// more tokens. Within a page the numbers of one layer, one key-value head and one kind (keys, values) are
/// contiguous, slot after slot, in the order in which the inner loops of attention read them.
///
/// @param blockLayers layers of a store of the recursion, the most of any store
/// @param blockSlots tokens that fit into a page of such a store
/// @param keyValueHeads G
/// @param headDim K
/// @param format number format
public record PageLayout(int blockLayers, int blockSlots, int keyValueHeads, int headDim, CacheFormat format) {

    /// Returns the bytes of one token in a store: keys and values of its layers.
    ///
    /// @param layers layers of the store
    /// @return bytes
    public long bytesPerToken(int layers) {
        return 2L * layers * keyValueHeads * headDim * format.bytes();
    }

    /// Returns the bytes of a page.
    ///
    /// @return bytes
    public long pageBytes() {
        return blockSlots * bytesPerToken(blockLayers);
    }

    /// Returns the number of tokens that fit into a page.
    ///
    /// @param layers layers of the store that uses the page
    /// @return slots
    public int slotsPerPage(int layers) {
        return blockSlots * blockLayers / layers;
    }

    /// Counts the pages that a store needs.
    ///
    /// @param layers layers of the store
    /// @param tokens tokens in it
    /// @return pages
    public int pages(int layers, long tokens) {
        return Math.toIntExact(Math.ceilDiv(tokens, slotsPerPage(layers)));
    }

    /// Returns the offset of a head's keys within a page of a store; the values are {@link #valuesAfter} bytes
    /// further on.
    ///
    /// @param layers layers of the store
    /// @param layer index of the layer in it
    /// @param head key-value head
    /// @return byte offset of slot 0
    public long keysOf(int layers, int layer, int head) {
        return 2L * (layer * keyValueHeads + head) * slotsPerPage(layers) * slotBytes();
    }

    /// Returns the distance from a head's keys to its values.
    ///
    /// @param layers layers of the store
    /// @return bytes
    public long valuesAfter(int layers) {
        return slotsPerPage(layers) * slotBytes();
    }

    /// Returns the bytes of the keys, or of the values, of one head of one token.
    ///
    /// @return bytes
    public long slotBytes() {
        return (long) headDim * format.bytes();
    }
}
