package dev.saiki.engine.cache;

/// The shape of a sequence's cache: the set of stores that it needs.
///
/// @param blockLayers layers with stored keys and values in one recursion step
/// @param stepsWithStore recursion steps with separate keys and values: all, or only the first
/// @param holdsExited whether a step's store also holds tokens that exited before the step
/// @param entryLayers layers before the recursion
/// @param exitLayers layers after the recursion
/// @param window positions that a token attends to in every layer, its own included; {@link VisibleKeys#NO_WINDOW}
///     if at least one layer attends to all positions
public record CacheShape(
        int blockLayers, int stepsWithStore, boolean holdsExited, int entryLayers, int exitLayers, int window) {

    /// Finds the store with the most layers, which takes the most memory for a token.
    ///
    /// @return its layers
    public int maxLayers() {
        return Math.max(blockLayers, Math.max(entryLayers, exitLayers));
    }

    /// Counts the pages that a sequence needs.
    ///
    /// @param layout of the pages
    /// @param tokens in the sequence
    /// @param atOnce most tokens of a chunk
    /// @param shares shares of the tokens that take each recursion step
    /// @return pages, with the last one of every store counted in full
    public int pages(PageLayout layout, int tokens, int atOnce, double[] shares) {
        int pages = ends(layout, entryLayers, tokens, atOnce) + ends(layout, exitLayers, tokens, atOnce);
        for (int step = 0; step < stepsWithStore; step++) {
            long deep = holdsExited ? tokens : (long) Math.ceil(shares[step] * tokens);
            pages += layout.pages(blockLayers, held(layout, blockLayers, deep, atOnce));
        }
        return pages;
    }

    /// Counts the tokens whose pages a store holds at the same time: those in the window, those of the current
    /// chunk, and those that share a page with the first of them.
    private long held(PageLayout layout, int layers, long tokens, int atOnce) {
        return window == VisibleKeys.NO_WINDOW
                ? tokens
                : Math.min(tokens, (long) window + atOnce + layout.slotsPerPage(layers));
    }

    private int ends(PageLayout layout, int layers, int tokens, int atOnce) {
        return layers > 0 ? layout.pages(layers, held(layout, layers, tokens, atOnce)) : 0;
    }
}
