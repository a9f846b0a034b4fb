package dev.saiki.engine.cache;

import dev.saiki.engine.kernel.PageKernels;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// The keys and values of one sequence in one recursion step, or in the layers before or after the recursion.
///
/// Tokens are stored in order of position, one slot each. Only tokens that reach the step have a slot, so the
/// store of a deep step has few slots; with key-value completion, tokens that exited before have slots too. A
/// store may begin with full pages that it shares with other stores, and writes only to pages that no other store
/// holds. Pages that no later token attends to can be released. Slots are added by one thread; several threads may
/// fill different slots.
public final class KeyValueStore {

    private final PagePool pool;
    private final PageLayout layout;
    private final int layers;
    private final int slotsPerPage;
    private MemorySegment[] memory = new MemorySegment[4];
    private int[] pages = new int[4];
    private int pageCount;
    private int releasedPages;
    private int[] positions = new int[16];
    private int size;

    /// Makes an empty store.
    ///
    /// @param pool from which pages are taken
    /// @param layers number of layers whose keys and values are stored
    public KeyValueStore(PagePool pool, int layers) {
        this.pool = pool;
        this.layout = pool.layout();
        this.layers = layers;
        this.slotsPerPage = layout.slotsPerPage(layers);
    }

    /// Counts the tokens.
    ///
    /// @return the number of filled slots
    public int size() {
        return size;
    }

    /// Returns the position of a stored token.
    ///
    /// @param slot the token's slot
    /// @return position in the sequence
    public int position(int slot) {
        return positions[slot];
    }

    /// Counts the pages.
    ///
    /// @return the number of pages, including shared pages
    public int pages() {
        return pageCount - releasedPages;
    }

    /// Counts the additional pages that more tokens would take.
    ///
    /// @param tokens number of tokens to be added
    /// @return pages beyond those that the store has
    public int pagesFor(int tokens) {
        return layout.pages(layers, (long) size + tokens) - pageCount;
    }

    /// Adds a slot for a token.
    ///
    /// @param position the position of the token, greater than the positions of all earlier tokens
    /// @return the token's slot
    public int add(int position) {
        if (size > 0 && position <= positions[size - 1]) {
            throw new IllegalStateException("position " + position + " must be greater than " + positions[size - 1]);
        }
        if (size == pageCount * slotsPerPage) {
            allocatePage();
        } else if (pool.isShared(pages[pageCount - 1])) {
            throw new IllegalStateException("a shared page must not be written");
        }
        if (size == positions.length) {
            positions = Arrays.copyOf(positions, 2 * size);
        }
        positions[size] = position;
        pool.countTokens(layers, 1);
        return size++;
    }

    private void allocatePage() {
        if (pageCount == pages.length) {
            pages = Arrays.copyOf(pages, 2 * pageCount);
            memory = Arrays.copyOf(memory, 2 * pageCount);
        }
        pages[pageCount] = pool.allocate();
        memory[pageCount] = pool.memory(pages[pageCount]);
        pageCount++;
    }

    /// Releases the pages whose slots are all before a position.
    ///
    /// @param position the position of the first token whose keys and values are still needed
    void releaseBefore(int position) {
        int hidden = slotsBefore(position) / slotsPerPage;
        if (hidden <= releasedPages) {
            return;
        }
        for (int page = releasedPages; page < hidden; page++) {
            pool.release(pages[page]);
        }
        Arrays.fill(memory, releasedPages, hidden, null);
        pool.countTokens(layers, -(hidden - releasedPages) * slotsPerPage);
        releasedPages = hidden;
    }

    /// Tells whether the store still has the pages of a range of tokens.
    ///
    /// @param from position of the first token
    /// @param to position after the last token
    boolean has(int from, int to) {
        int first = slotsBefore(from);
        return first == slotsBefore(to) || first / slotsPerPage >= releasedPages;
    }

    /// Returns the stored slots of a range of tokens.
    ///
    /// @param from position of the first token
    /// @param to position after the last token
    /// @return slots and pages
    /// @throws IllegalStateException if one of the pages was released
    SlotRange slots(int from, int to) {
        if (!has(from, to)) {
            throw new IllegalStateException("the pages of tokens from position " + from + " on were released");
        }
        int first = slotsBefore(from);
        int end = slotsBefore(to);
        int[] held = first == end
                ? new int[0]
                : Arrays.copyOfRange(pages, first / slotsPerPage, (end - 1) / slotsPerPage + 1);
        return new SlotRange(slotsPerPage, first, Arrays.copyOfRange(positions, first, end), held);
    }

    /// Counts the stored tokens before a position.
    int slotsBefore(int position) {
        int found = Arrays.binarySearch(positions, 0, size, position);
        return found < 0 ? -found - 1 : found;
    }

    /// Starts with tokens in pages that other stores hold or have held.
    ///
    /// @param slots the tokens' slots and pages, starting at slot 0
    /// @throws IllegalStateException if the store is not empty
    void startWith(SlotRange slots) {
        if (size > 0) {
            throw new IllegalStateException("the store already holds " + size + " tokens");
        }
        positions = Arrays.copyOf(slots.positions(), Math.max(positions.length, slots.positions().length));
        size = slots.positions().length;
        pages = Arrays.copyOf(slots.pages(), Math.max(pages.length, slots.pages().length));
        pageCount = slots.pages().length;
        memory = new MemorySegment[pages.length];
        for (int i = 0; i < pageCount; i++) {
            pool.share(pages[i]);
            memory[i] = pool.memory(pages[i]);
        }
        pool.countTokens(layers, size);
    }

    /// Makes the last page exclusive if it has free slots, so that it can be written.
    void makeLastPageExclusive() {
        if (size % slotsPerPage != 0) {
            int last = pageCount - 1;
            pages[last] = pool.makeExclusive(pages[last]);
            memory[last] = pool.memory(pages[last]);
        }
    }

    /// Writes the key and the value of one head.
    ///
    /// @param layer index of the layer in this store
    /// @param head key-value head
    /// @param slot from {@link #add}
    /// @param numbers array that contains the key and the value
    /// @param keyFrom index at which the key starts
    /// @param valueFrom index at which the value starts
    public void put(int layer, int head, int slot, float[] numbers, int keyFrom, int valueFrom) {
        MemorySegment page = memory[slot / slotsPerPage];
        long offset = layout.keysOf(layers, layer, head) + slot % slotsPerPage * layout.slotBytes();
        PageKernels.store(numbers, keyFrom, layout.headDim(), page, offset, layout.format());
        PageKernels.store(
                numbers, valueFrom, layout.headDim(), page, offset + layout.valuesAfter(layers), layout.format());
    }

    /// A visitor of slots that are contiguous in memory.
    @FunctionalInterface
    public interface RunVisitor {

        /// Visits contiguous slots.
        ///
        /// @param page the memory of the page that contains the slots
        /// @param keys byte offset of the first key; each value is `valuesAfter` bytes after its key
        /// @param first index of the first visited slot
        /// @param count number of slots
        void accept(MemorySegment page, long keys, int first, int count);
    }

    /// Visits a range of slots in order, page by page.
    ///
    /// @param layer index of the layer in this store
    /// @param head key-value head
    /// @param from first slot
    /// @param to index after the last slot
    /// @param run visitor of the slots
    public void forEachRun(int layer, int head, int from, int to, RunVisitor run) {
        long base = layout.keysOf(layers, layer, head);
        int slot = from;
        while (slot < to) {
            int inPage = slot % slotsPerPage;
            int count = Math.min(slotsPerPage - inPage, to - slot);
            run.accept(memory[slot / slotsPerPage], base + inPage * layout.slotBytes(), slot, count);
            slot += count;
        }
    }

    /// Returns the distance from a key to its value in a page.
    ///
    /// @return bytes
    public long valuesAfter() {
        return layout.valuesAfter(layers);
    }

    /// Returns the layout of keys and values in the pages.
    ///
    /// @return the layout
    public PageLayout layout() {
        return layout;
    }

    /// Removes all tokens and releases the pages.
    public void clear() {
        for (int i = releasedPages; i < pageCount; i++) {
            pool.release(pages[i]);
        }
        Arrays.fill(memory, 0, pageCount, null);
        pool.countTokens(layers, releasedPages * slotsPerPage - size);
        pageCount = 0;
        releasedPages = 0;
        size = 0;
    }
}
