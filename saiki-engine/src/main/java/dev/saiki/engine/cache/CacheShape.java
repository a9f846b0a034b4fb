package dev.saiki.engine.cache;

/// The shape of a sequence's cache: the set of stores ({@link KeyValueStore}) that the sequence needs.
///
/// @param blockLayers number of layers that store keys and values in one recursion step
/// @param stepsWithStore number of recursion steps with separate keys and values: all steps, or only the first
/// @param holdsExited whether the store of a step also holds tokens that exited the recursion before that
///     step
/// @param entryLayers layers before the recursion
/// @param exitLayers layers after the recursion
/// @param window number of positions that a token attends to in every layer, its own position included;
///     {@link VisibleKeys#NO_WINDOW} if at least one layer attends to all positions
public record CacheShape(
        int blockLayers, int stepsWithStore, boolean holdsExited, int entryLayers, int exitLayers, int window) {

    /// Returns the number of layers of the store with the most layers, which takes the most memory per token.
    ///
    /// @return the number of layers
    public int maxLayers() {
        return Math.max(blockLayers, Math.max(entryLayers, exitLayers));
    }

    /// Counts the pages that a sequence needs.
    ///
    /// @param layout the layout of the pages
    /// @param tokens number of tokens in the sequence
    /// @param atOnce maximum number of the sequence's tokens in one forward pass (a chunk)
    /// @param shares for each recursion step, the share of the tokens that take it
    /// @return number of pages; a partly filled last page of a store counts in full
    public int pages(PageLayout layout, int tokens, int atOnce, double[] shares) {
        int pages = ends(layout, entryLayers, tokens, atOnce) + ends(layout, exitLayers, tokens, atOnce);
        for (int step = 0; step < stepsWithStore; step++) {
            long deep = holdsExited ? tokens : (long) Math.ceil(shares[step] * tokens);
            pages += layout.pages(blockLayers, held(layout, blockLayers, deep, atOnce));
        }
        return pages;
    }

    /// Counts the tokens whose pages a store holds at the same time: the tokens in the window, the tokens of the
    /// current chunk, and up to one page of earlier tokens that share a page with the window's first token.
    private long held(PageLayout layout, int layers, long tokens, int atOnce) {
        return window == VisibleKeys.NO_WINDOW
                ? tokens
                : Math.min(tokens, (long) window + atOnce + layout.slotsPerPage(layers));
    }

    private int ends(PageLayout layout, int layers, int tokens, int atOnce) {
        return layers > 0 ? layout.pages(layers, held(layout, layers, tokens, atOnce)) : 0;
    }
}
