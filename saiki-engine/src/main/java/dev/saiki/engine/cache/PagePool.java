package dev.saiki.engine.cache;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/// A bounded pool of memory for keys and values, divided into pages of equal size.
///
/// Memory is allocated from the system in slabs of several pages, on first use, and is not returned before the
/// pool is closed. The most recently freed page is reused first, so that a half-empty pool touches little memory.
///
/// A page is in use while stores hold it; several stores can share it. In addition, an evictor can retain it for
/// later stores ({@link PrefixCache}). A page that is only retained counts as free: when no other page is left,
/// the evictor must evict one. For one thread only.
public final class PagePool implements AutoCloseable {

    private static final int MAX_PAGES_PER_SLAB = 64;
    /// The maximum size of a slab with several pages. The system allocates the whole slab even if only one of its
    /// pages is used, so slabs must be small.
    private static final long MAX_BYTES_PER_SLAB = 4L << 20;
    /// The alignment of slabs: the size of a cache line, so that no vector load crosses a line boundary.
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

    /// Evicts the least recently used entry of the retained pages, which may free pages; false if none is retained.
    private BooleanSupplier evictor = () -> false;

    /// Makes a pool without memory; memory is allocated on first use.
    ///
    /// @param layout the layout of the pages
    /// @param capacity maximum number of pages
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

    /// Returns the maximum number of pages.
    ///
    /// @return the maximum number of pages
    public int capacity() {
        return capacity;
    }

    /// Counts the pages that can still be allocated, including pages that are only retained.
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

    /// Returns how many bytes the keys and values in all stores take. Only tokens count, not unused slots; shared
    /// tokens count once for each store.
    ///
    /// @return bytes
    public long bytesInUse() {
        return bytesInUse;
    }

    /// Sets the evictor, which owns the retained pages.
    void setEvictor(BooleanSupplier pageEvictor) {
        evictor = pageEvictor;
    }

    /// Allocates a page for a store.
    ///
    /// @return the page's number
    /// @throws IllegalStateException if all pages are in use; check {@link #freePages} first
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
        if (!evictor.getAsBoolean()) {
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

    /// Replaces a store's page by an exclusive page: a copy or, if nothing else holds the page, the page itself.
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

    /// Adds the bytes of stored tokens to {@link #bytesInUse}; a negative number of tokens subtracts.
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
