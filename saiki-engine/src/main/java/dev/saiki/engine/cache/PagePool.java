package dev.saiki.engine.cache;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A bounded pool of memory for keys and values, in pages of equal size.
///
/// Memory is allocated from the system a slab of pages at a time, on first use, and kept. The most recently freed
/// page is reused first, so that a half-empty pool touches little memory.
///
/// A page is in use while stores hold it; several stores can share it. In addition one owner may retain it for
/// later stores ({@link PrefixCache}), but a page that is only retained counts as free: when there is no other,
/// that owner must evict one. For one thread only.
public final class PagePool implements AutoCloseable {

    private static final int MAX_PAGES_PER_SLAB = 64;
    /// The most bytes of a slab with several pages: the whole slab is allocated before its second page is used.
    private static final long MAX_BYTES_PER_SLAB = 4L << 20;
    /// A cache line, so that no vector load crosses a line boundary.
    private static final int ALIGNMENT = 64;

    private final PageLayout layout;
    private final int capacity;
    private final Arena arena = Arena.ofShared();
    private final List<MemorySegment> pages = new ArrayList<>();
    private int[] references = new int[MAX_PAGES_PER_SLAB];
    private int[] retentions = new int[MAX_PAGES_PER_SLAB];
    private int[] free = new int[MAX_PAGES_PER_SLAB];
    private int freeCount;
    private int referencedPages;
    private int evictablePages;
    private long bytesInUse;
    private Evictor evictor = () -> false;

    /// An owner of cached pages, which frees them on demand.
    @FunctionalInterface
    interface Evictor {

        /// Evicts the least recently used pages.
        ///
        /// @return false if it retains no page
        boolean evict();
    }

    /// Makes a pool that has not allocated memory yet.
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

    /// Counts the pages that can still be taken, including those that are only retained.
    ///
    /// @return pages
    public int freePages() {
        return capacity - referencedPages;
    }

    /// Counts the retained pages that no store holds.
    ///
    /// @return pages
    public int evictablePages() {
        return evictablePages;
    }

    /// Returns the bytes of keys and values in all stores: of tokens rather than pages, with shared ones counted
    /// for each store.
    ///
    /// @return bytes
    public long bytesInUse() {
        return bytesInUse;
    }

    /// Sets the owner that retains pages beyond the stores.
    void setEvictor(Evictor pageEvictor) {
        evictor = pageEvictor;
    }

    /// Allocates a page for a store.
    ///
    /// @return the page's number
    /// @throws IllegalStateException if all pages are in use; check {@link #freePages} before
    int allocate() {
        while (isExhausted()) {
            evict();
        }
        if (freeCount == 0) {
            addSlab();
        }
        freeCount--;
        int page = free[freeCount];
        reference(page);
        return page;
    }

    /// Whether every page is in use or retained.
    private boolean isExhausted() {
        return freeCount == 0 && pages.size() == capacity;
    }

    private void evict() {
        if (!evictor.evict()) {
            throw new IllegalStateException("all " + capacity + " pages are in use");
        }
    }

    /// Adds another store to the holders of a page that is in use or retained.
    void share(int page) {
        requireInUse(page);
        reference(page);
    }

    private void reference(int page) {
        if (references[page] == 0) {
            referencedPages++;
            evictablePages -= retentions[page] > 0 ? 1 : 0;
        }
        references[page]++;
    }

    /// Makes an exclusive page of a shared one: a copy, or the page itself if it is held nowhere else.
    ///
    /// @return number of a page that only this store holds and that is not retained
    int makeExclusive(int page) {
        while (!isExclusive(page) && isExhausted()) {
            evict();
        }
        if (isExclusive(page)) {
            return page;
        }
        int copy = allocate();
        memory(copy).copyFrom(memory(page));
        release(page);
        return copy;
    }

    private boolean isExclusive(int page) {
        return references[page] == 1 && retentions[page] == 0;
    }

    /// Tells whether a store holds a page.
    boolean isReferenced(int page) {
        return references[page] > 0;
    }

    /// Tells whether a page is held by several stores.
    boolean isShared(int page) {
        return references[page] > 1;
    }

    /// Releases a store's hold on a page.
    void release(int page) {
        if (references[page] == 0) {
            throw new IllegalStateException("page " + page + " is not in use");
        }
        references[page]--;
        if (references[page] == 0) {
            referencedPages--;
            evictablePages += retentions[page] > 0 ? 1 : 0;
        }
        freeIfUnused(page);
    }

    /// Adds one retention to a page that is in use or retained.
    void retain(int page) {
        requireInUse(page);
        retentions[page]++;
    }

    /// Removes one retention of a page.
    void unretain(int page) {
        if (retentions[page] == 0) {
            throw new IllegalStateException("page " + page + " is not retained");
        }
        retentions[page]--;
        evictablePages -= retentions[page] == 0 && references[page] == 0 ? 1 : 0;
        freeIfUnused(page);
    }

    private void requireInUse(int page) {
        if (references[page] == 0 && retentions[page] == 0) {
            throw new IllegalStateException("page " + page + " is free");
        }
    }

    private void freeIfUnused(int page) {
        if (references[page] == 0 && retentions[page] == 0) {
            free[freeCount] = page;
            freeCount++;
        }
    }

    /// Counts stored tokens, or removed ones if the number is negative.
    void countTokens(int layers, int tokens) {
        bytesInUse += tokens * layout.bytesPerToken(layers);
    }

    MemorySegment memory(int page) {
        return pages.get(page);
    }

    private void addSlab() {
        long fitting = Math.clamp(MAX_BYTES_PER_SLAB / layout.pageBytes(), 1, MAX_PAGES_PER_SLAB);
        int count = (int) Math.min(fitting, capacity - pages.size());
        MemorySegment slab = arena.allocate(count * layout.pageBytes(), ALIGNMENT);
        int numbers = Math.max(free.length, pages.size() + count);
        free = Arrays.copyOf(free, numbers);
        references = Arrays.copyOf(references, numbers);
        retentions = Arrays.copyOf(retentions, numbers);
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
