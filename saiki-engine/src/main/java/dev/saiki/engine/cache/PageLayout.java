package dev.saiki.engine.cache;

import dev.saiki.engine.settings.CacheFormat;

/// The layout of keys and values in a page.
///
/// All pages of a pool have the same number of bytes, so that any store can use a page that another store has
/// freed. A page of a store with `layers` layers has room for `slotsPerPage(layers)` tokens: the fewer layers, the
/// more tokens. Within a page, the numbers of one layer, one key-value head and one kind (keys or values) are
/// contiguous, slot after slot, in the order in which the inner loops of attention read them.
///
/// @param blockLayers number of layers of the store with the most layers
/// @param blockSlots number of tokens that fit into a page of that store
/// @param keyValueHeads number of key-value heads
/// @param headDim width of a head
/// @param format number format
public record PageLayout(int blockLayers, int blockSlots, int keyValueHeads, int headDim, CacheFormat format) {

    /// Returns how many bytes one token takes in a store: the keys and values of all the store's layers.
    ///
    /// @param layers layers of the store
    /// @return bytes
    public long bytesPerToken(int layers) {
        return 2L * layers * keyValueHeads * slotBytes();
    }

    /// Returns the size of a page.
    ///
    /// @return bytes
    public long pageBytes() {
        return blockSlots * bytesPerToken(blockLayers);
    }

    /// Returns the number of tokens that fit into a page.
    ///
    /// @param layers layers of the store that uses the page
    /// @return number of slots
    public int slotsPerPage(int layers) {
        return blockSlots * blockLayers / layers;
    }

    /// Counts the pages that a store needs.
    ///
    /// @param layers layers of the store
    /// @param tokens number of tokens in the store
    /// @return pages
    public int pages(int layers, long tokens) {
        return Math.toIntExact(Math.ceilDiv(tokens, slotsPerPage(layers)));
    }

    /// Returns the offset of a head's keys within a page of a store; the head's values are {@link #valuesAfter}
    /// bytes after them.
    ///
    /// @param layers layers of the store
    /// @param layer index of the layer in the store
    /// @param head key-value head
    /// @return byte offset of slot 0
    public long keysOf(int layers, int layer, int head) {
        return 2L * (layer * keyValueHeads + head) * slotsPerPage(layers) * slotBytes();
    }

    /// Returns the distance from a head's keys to its values in a page.
    ///
    /// @param layers layers of the store
    /// @return bytes
    public long valuesAfter(int layers) {
        return slotsPerPage(layers) * slotBytes();
    }

    /// Returns the size of one key, which is also the size of one value.
    ///
    /// @return bytes
    public long slotBytes() {
        return format.slotBytes(headDim);
    }
}
