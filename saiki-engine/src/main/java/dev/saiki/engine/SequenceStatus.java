package dev.saiki.engine;

import java.util.List;

/// The status of a request that has not ended.
///
/// @param number the number of the request; it increases with every request
/// @param running true if the request is running, false if it is waiting
/// @param promptTokens number of prompt tokens
/// @param tokens number of generated tokens
/// @param processedTokens number of tokens whose keys and values are stored
/// @param meanDepth mean recursions of the processed tokens; NaN if there are none
/// @param pagesOfStep number of pages that the request holds for each recursion step with separate keys and
///     values, including pages shared with other requests; empty while the request waits
public record SequenceStatus(
        long number,
        boolean running,
        int promptTokens,
        int tokens,
        int processedTokens,
        double meanDepth,
        List<Integer> pagesOfStep) {

    /// Makes a defensive copy of the list.
    public SequenceStatus {
        pagesOfStep = List.copyOf(pagesOfStep);
    }
}
