package dev.saiki.engine.cache;

/// The shape of a sequence's cache: which stores it needs.
///
/// @param blockLayers layers that keep keys and values in one recursion step
/// @param stepsWithStore recursion steps with keys and values of their own: all, or the first alone
/// @param entryLayers layers before the recursion
/// @param exitLayers layers after the recursion
public record CacheShape(int blockLayers, int stepsWithStore, int entryLayers, int exitLayers) {

    /// Finds the store that takes most for a token.
    ///
    /// @return its layers
    public int mostLayers() {
        return Math.max(blockLayers, Math.max(entryLayers, exitLayers));
    }

    /// Counts the pages that a sequence needs.
    ///
    /// @param layout of the pages
    /// @param tokens in the sequence
    /// @param shares share of the tokens that take each recursion step
    /// @return pages, every store's last one counted in full
    public int pages(PageLayout layout, int tokens, double[] shares) {
        int pages = (entryLayers > 0 ? layout.pages(entryLayers, tokens) : 0)
                + (exitLayers > 0 ? layout.pages(exitLayers, tokens) : 0);
        for (int step = 0; step < stepsWithStore; step++) {
            pages += layout.pages(blockLayers, (long) Math.ceil(shares[step] * tokens));
        }
        return pages;
    }
}
