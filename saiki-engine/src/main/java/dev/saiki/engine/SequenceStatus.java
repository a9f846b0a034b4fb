package dev.saiki.engine;

import java.util.List;

/// The status of a request that has not ended.
///
/// @param number rises with every request
/// @param running whether it is running; otherwise it waits
/// @param promptTokens tokens of its prompt
/// @param tokens number of generated tokens
/// @param processedTokens tokens whose keys and values are stored
/// @param meanDepth mean recursions of these tokens; NaN if there are none
/// @param pagesOfStep pages it holds, shared ones included, at each recursion step with separate keys and values;
///     empty while it waits
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
