package dev.saiki.engine.cache;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All that a sequence keeps of its past: one store before the recursion, one for each recursion step that has
/// its own keys and values, one after it.
public final class SequenceCache {

    private final CacheShape shape;
    private final List<KeyValueStore> steps = new ArrayList<>();
    private final @Nullable KeyValueStore entry;
    private final @Nullable KeyValueStore exit;

    /// Makes an empty cache.
    ///
    /// @param shape which stores there are
    /// @param pool where pages come from
    public SequenceCache(CacheShape shape, PagePool pool) {
        this.shape = shape;
        for (int step = 0; step < shape.stepsWithStore(); step++) {
            steps.add(new KeyValueStore(pool, shape.blockLayers()));
        }
        this.entry = shape.unsharedEnds() ? new KeyValueStore(pool, 1) : null;
        this.exit = shape.unsharedEnds() ? new KeyValueStore(pool, 1) : null;
    }

    /// Returns the stores of the recursion.
    ///
    /// @return one a step that has its own keys and values
    public List<KeyValueStore> steps() {
        return Collections.unmodifiableList(steps);
    }

    /// Returns the store of the layer before the recursion.
    ///
    /// @return the store
    /// @throws IllegalStateException if the model has no such layer
    public KeyValueStore entry() {
        return require(entry);
    }

    /// Returns the store of the layer after the recursion.
    ///
    /// @return the store
    /// @throws IllegalStateException if the model has no such layer
    public KeyValueStore exit() {
        return require(exit);
    }

    private static KeyValueStore require(@Nullable KeyValueStore store) {
        if (store == null) {
            throw new IllegalStateException("the model has no layers outside the recursion");
        }
        return store;
    }

    /// Counts the pages that tokens would take if all of them went to the greatest depth.
    ///
    /// @param tokens to be added
    /// @return pages beyond those it has
    public int pagesFor(int tokens) {
        int pages = steps.stream().mapToInt(store -> store.pagesFor(tokens)).sum();
        return shape.unsharedEnds() ? pages + entry().pagesFor(tokens) + exit().pagesFor(tokens) : pages;
    }

    /// Counts the pages.
    ///
    /// @return pages taken from the pool
    public int pageCount() {
        int pages = steps.stream().mapToInt(KeyValueStore::pageCount).sum();
        return shape.unsharedEnds() ? pages + entry().pageCount() + exit().pageCount() : pages;
    }

    /// Forgets everything and gives the pages back.
    public void clear() {
        steps.forEach(KeyValueStore::clear);
        if (shape.unsharedEnds()) {
            entry().clear();
            exit().clear();
        }
    }
}
