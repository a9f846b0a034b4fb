package dev.saiki.engine.cache;

import dev.saiki.engine.kernel.PageKernels;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// The keys and values that one sequence left at one place of the model: before the recursion, at one recursion
/// step, or after it.
///
/// Tokens are stored in order of position, one slot each, and only those that came this far: a store of a deep
/// step has few slots. Slots are added by one thread; different slots may be filled by several.
public final class KeyValueStore {

    private final PagePool pool;
    private final PageLayout layout;
    private final int layers;
    private final int slotsPerPage;
    private MemorySegment[] memory = new MemorySegment[4];
    private int[] pages = new int[4];
    private int pageCount;
    private int[] positions = new int[16];
    private int size;

    /// Makes an empty store.
    ///
    /// @param pool where pages come from
    /// @param layers layers whose keys and values it keeps
    public KeyValueStore(PagePool pool, int layers) {
        this.pool = pool;
        this.layout = pool.layout();
        this.layers = layers;
        this.slotsPerPage = layout.slotsPerPage(layers);
    }

    /// Counts the tokens.
    ///
    /// @return slots that are filled
    public int size() {
        return size;
    }

    /// Counts the pages.
    ///
    /// @return pages taken from the pool
    public int pageCount() {
        return pageCount;
    }

    /// Returns the position of a stored token.
    ///
    /// @param slot its slot
    /// @return position in the sequence
    public int position(int slot) {
        return positions[slot];
    }

    /// Counts the pages that more tokens would take.
    ///
    /// @param tokens to be added
    /// @return pages beyond those it has
    public int pagesFor(int tokens) {
        return layout.pages(layers, (long) size + tokens) - pageCount;
    }

    /// Gives a token a slot.
    ///
    /// @param position of the token, greater than all before
    /// @return its slot
    public int add(int position) {
        if (size > 0 && position <= positions[size - 1]) {
            throw new IllegalStateException("position " + position + " comes after " + positions[size - 1]);
        }
        if (size == pageCount * slotsPerPage) {
            takePage();
        }
        if (size == positions.length) {
            positions = Arrays.copyOf(positions, 2 * size);
        }
        positions[size] = position;
        pool.countTokens(layers, 1);
        return size++;
    }

    private void takePage() {
        if (pageCount == pages.length) {
            pages = Arrays.copyOf(pages, 2 * pageCount);
            memory = Arrays.copyOf(memory, 2 * pageCount);
        }
        pages[pageCount] = pool.take();
        memory[pageCount] = pool.memory(pages[pageCount]);
        pageCount++;
    }

    /// Writes the key and the value of one head.
    ///
    /// @param layer index in this store
    /// @param head key-value head
    /// @param slot from {@link #add}
    /// @param numbers holds both
    /// @param keyFrom where the key starts
    /// @param valueFrom where the value starts
    public void put(int layer, int head, int slot, float[] numbers, int keyFrom, int valueFrom) {
        MemorySegment page = memory[slot / slotsPerPage];
        long offset = layout.keysOf(layers, layer, head) + slot % slotsPerPage * layout.slotBytes();
        PageKernels.store(numbers, keyFrom, layout.headDim(), page, offset, layout.format());
        PageKernels.store(
                numbers, valueFrom, layout.headDim(), page, offset + layout.valuesAfter(layers), layout.format());
    }

    /// Takes slots that lie together in memory.
    @FunctionalInterface
    public interface Run {

        /// Takes a run.
        ///
        /// @param page the memory
        /// @param keys byte offset of the first key; its value stands `valuesAfter` further
        /// @param first first slot
        /// @param count slots
        void accept(MemorySegment page, long keys, int first, int count);
    }

    /// Walks over slots in order, a page at a time.
    ///
    /// @param layer index in this store
    /// @param head key-value head
    /// @param from first slot
    /// @param to slot after the last
    /// @param run takes them
    public void forEachRun(int layer, int head, int from, int to, Run run) {
        long base = layout.keysOf(layers, layer, head);
        int slot = from;
        while (slot < to) {
            int inPage = slot % slotsPerPage;
            int count = Math.min(slotsPerPage - inPage, to - slot);
            run.accept(memory[slot / slotsPerPage], base + inPage * layout.slotBytes(), slot, count);
            slot += count;
        }
    }

    /// Returns the distance from a key to its value.
    ///
    /// @return bytes
    public long valuesAfter() {
        return layout.valuesAfter(layers);
    }

    /// Returns how keys and values lie in the pages.
    ///
    /// @return the layout
    public PageLayout layout() {
        return layout;
    }

    /// Forgets all tokens and gives the pages back.
    public void clear() {
        for (int i = 0; i < pageCount; i++) {
            pool.release(pages[i]);
        }
        Arrays.fill(memory, 0, pageCount, null);
        pool.countTokens(layers, -size);
        pageCount = 0;
        size = 0;
    }
}
