package dev.saiki.engine.cache;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The keys and values of one sequence, in several stores: one before the recursion, one for each recursion step
/// with separate keys and values, and one after the recursion.
public final class SequenceCache {

    private final CacheShape shape;
    private final List<KeyValueStore> stores;
    private final List<KeyValueStore> steps;
    private final @Nullable KeyValueStore entry;
    private final @Nullable KeyValueStore exit;

    /// Makes an empty cache.
    ///
    /// @param shape the set of stores
    /// @param pool from which pages are taken
    public SequenceCache(CacheShape shape, PagePool pool) {
        this.shape = shape;
        List<KeyValueStore> all = new ArrayList<>();
        for (int step = 0; step < shape.stepsWithStore(); step++) {
            all.add(new KeyValueStore(pool, shape.blockLayers()));
        }
        this.entry = addOutside(shape.entryLayers(), pool, all);
        this.exit = addOutside(shape.exitLayers(), pool, all);
        this.stores = List.copyOf(all);
        this.steps = stores.subList(0, shape.stepsWithStore());
    }

    /// Returns all stores: first the stores of the recursion, then the stores of the layers before and after
    /// the recursion, if these exist.
    List<KeyValueStore> stores() {
        return stores;
    }

    /// Returns the stores of the recursion.
    ///
    /// @return one store for each step with separate keys and values
    public List<KeyValueStore> steps() {
        return steps;
    }

    /// Returns the store of the layers before the recursion.
    ///
    /// @return the store
    /// @throws IllegalStateException if the model has no such layer
    public KeyValueStore entry() {
        return outside(entry);
    }

    /// Returns the store of the layers after the recursion.
    ///
    /// @return the store
    /// @throws IllegalStateException if the model has no such layer
    public KeyValueStore exit() {
        return outside(exit);
    }

    private static @Nullable KeyValueStore addOutside(int layers, PagePool pool, List<KeyValueStore> all) {
        if (layers == 0) {
            return null;
        }
        KeyValueStore store = new KeyValueStore(pool, layers);
        all.add(store);
        return store;
    }

    private static KeyValueStore outside(@Nullable KeyValueStore store) {
        if (store == null) {
            throw new IllegalStateException("the model has no layers outside the recursion");
        }
        return store;
    }

    /// Starts with tokens that have been computed before. Full pages are shared; pages with free slots are copied.
    ///
    /// @param prefix the prefix, found immediately before this call for a model of the same shape; the pool must
    ///     have as many free pages as {@link Prefix#pages} says
    /// @throws IllegalStateException if the cache is not empty
    public void startWith(Prefix prefix) {
        for (int store = 0; store < prefix.stores().size(); store++) {
            stores.get(store).startWith(prefix.stores().get(store));
        }
        // Copying comes last, because a copy can make the prefix cache evict pages.
        stores.forEach(KeyValueStore::makeLastPageExclusive);
    }

    /// Counts the pages that more tokens would need if all these tokens went to the greatest depth.
    ///
    /// @param tokens number of tokens to be added
    /// @return pages beyond those that the sequence has
    public int pagesFor(int tokens) {
        return stores.stream().mapToInt(store -> store.pagesFor(tokens)).sum();
    }

    /// Releases the pages that no later token attends to, if every layer has a sliding window.
    ///
    /// @param processed number of tokens whose keys and values are stored
    public void releaseOutsideWindow(int processed) {
        if (shape.window() != VisibleKeys.NO_WINDOW) {
            stores.forEach(store -> store.releaseBefore(processed - shape.window() + 1));
        }
    }

    /// Tells whether the stores still have the pages of a range of tokens.
    ///
    /// @param from position of the first token
    /// @param to position after the last token
    boolean has(int from, int to) {
        return stores.stream().allMatch(store -> store.has(from, to));
    }

    /// Removes all tokens and releases the pages.
    public void clear() {
        stores.forEach(KeyValueStore::clear);
    }
}
