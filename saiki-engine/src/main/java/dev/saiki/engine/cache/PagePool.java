package dev.saiki.engine.cache;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// The memory for keys and values, in pages of equal size, with a bound that is never passed.
///
/// Memory is taken from the system a slab of pages at a time, when first needed, and kept. Free pages are
/// handed out last freed first, so that a half-empty pool touches little memory. Used by one thread.
public final class PagePool implements AutoCloseable {

    private static final int PAGES_PER_SLAB = 64;
    /// A cache line, so that no vector load crosses two.
    private static final int ALIGNMENT = 64;

    private final PageLayout layout;
    private final int capacity;
    private final Arena arena = Arena.ofShared();
    private final List<MemorySegment> pages = new ArrayList<>();
    private final BitSet taken = new BitSet();
    private int[] free = new int[PAGES_PER_SLAB];
    private int freeCount;
    private long bytesInUse;

    /// Makes a pool that has taken no memory yet.
    ///
    /// @param layout of the pages
    /// @param capacity most pages
    public PagePool(PageLayout layout, int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("a pool needs at least 1 page, got " + capacity);
        }
        this.layout = layout;
        this.capacity = capacity;
    }

    /// Returns the layout of the pages.
    ///
    /// @return the layout
    public PageLayout layout() {
        return layout;
    }

    /// Returns the bound.
    ///
    /// @return most pages
    public int capacity() {
        return capacity;
    }

    /// Counts the pages that can still be taken.
    ///
    /// @return pages
    public int freePages() {
        return capacity - taken.cardinality();
    }

    /// Counts the bytes of keys and values that are stored: tokens, not pages.
    ///
    /// @return bytes
    public long bytesInUse() {
        return bytesInUse;
    }

    /// Takes a page.
    ///
    /// @return its number
    /// @throws IllegalStateException if all pages are taken; ask {@link #freePages} before
    int take() {
        if (freeCount == 0) {
            addSlab();
        }
        freeCount--;
        int page = free[freeCount];
        taken.set(page);
        return page;
    }

    /// Gives a page back.
    void release(int page) {
        if (!taken.get(page)) {
            throw new IllegalStateException("page " + page + " is not taken");
        }
        taken.clear(page);
        free[freeCount] = page;
        freeCount++;
    }

    /// Counts stored tokens, or with a negative number removed ones.
    void countTokens(int layers, int tokens) {
        bytesInUse += tokens * layout.bytesPerToken(layers);
    }

    MemorySegment memory(int page) {
        return pages.get(page);
    }

    private void addSlab() {
        int count = Math.min(PAGES_PER_SLAB, capacity - pages.size());
        if (count == 0) {
            throw new IllegalStateException("all " + capacity + " pages are taken");
        }
        MemorySegment slab = arena.allocate(count * layout.pageBytes(), ALIGNMENT);
        free = Arrays.copyOf(free, Math.max(free.length, pages.size() + count));
        for (int i = count - 1; i >= 0; i--) {
            free[freeCount] = pages.size() + i;
            freeCount++;
        }
        for (int i = 0; i < count; i++) {
            pages.add(slab.asSlice(i * layout.pageBytes(), layout.pageBytes()));
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
