package dev.saiki.engine;

import java.util.List;

/// The status of a request that has not ended.
///
/// @param number rises with every request
/// @param running whether it is at work; otherwise it waits
/// @param promptTokens tokens of its prompt
/// @param tokens tokens written
/// @param processedTokens tokens whose keys and values are stored
/// @param meanDepth mean recursions of these; NaN if there are none
/// @param pagesOfStep pages it holds at each recursion step that has its own keys and values, shared ones too;
///     empty while it waits
public record SequenceStatus(
        long number,
        boolean running,
        int promptTokens,
        int tokens,
        int processedTokens,
        double meanDepth,
        List<Integer> pagesOfStep) {

    /// Keeps its own copy of the list.
    public SequenceStatus {
        pagesOfStep = List.copyOf(pagesOfStep);
    }
}
