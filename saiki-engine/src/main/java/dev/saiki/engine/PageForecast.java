package dev.saiki.engine;

import dev.saiki.engine.cache.CacheShape;
import dev.saiki.engine.cache.PageLayout;
import dev.saiki.engine.model.TokenChunk;
import java.util.Arrays;
import java.util.List;

/// A forecast of the number of pages that sequences need, based on the depths of the tokens so far.
final class PageForecast {

    /// The weight of the newest chunk in the moving averages of the shares of tokens at each recursion step.
    private static final double SHARE_RATE = 0.02;

    private final CacheShape shape;
    private final PageLayout layout;
    private final int chunkTokens;
    private final double[] expectedShares;

    /// Makes a forecast before any token has been processed.
    ///
    /// @param shape the stores of a sequence
    /// @param layout the layout of the pages
    /// @param chunkTokens maximum number of tokens in a chunk
    /// @param capacities target share of tokens at each recursion step
    PageForecast(CacheShape shape, PageLayout layout, int chunkTokens, List<Double> capacities) {
        this.shape = shape;
        this.layout = layout;
        this.chunkTokens = chunkTokens;
        this.expectedShares =
                capacities.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /// Returns the maximum number of pages that a sequence can take. Thread-safe.
    int maxPages(int tokens) {
        double[] all = new double[expectedShares.length];
        Arrays.fill(all, 1);
        return shape.pages(layout, tokens, chunkTokens, all);
    }

    /// Returns the number of pages that a sequence needs if its tokens take depths like those observed so
    /// far.
    int expectedPages(int tokens) {
        return shape.pages(layout, tokens, chunkTokens, expectedShares);
    }

    /// Updates the expected share of tokens at each recursion step with the depths of a chunk whose tokens have
    /// all left the recursion.
    void observe(TokenChunk chunk) {
        for (int step = 0; step < expectedShares.length; step++) {
            int deeper = 0;
            for (int token = 0; token < chunk.count(); token++) {
                deeper += chunk.depth(token) > step ? 1 : 0;
            }
            double share = deeper / (double) chunk.count();
            expectedShares[step] += SHARE_RATE * (share - expectedShares[step]);
        }
    }
}
