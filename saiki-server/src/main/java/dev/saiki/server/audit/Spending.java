package dev.saiki.server.audit;

import java.util.List;
import java.util.stream.IntStream;

/// The cost of a request's answers.
///
/// @param promptTokens tokens of the request's prompts
/// @param cachedTokens the prompt tokens that were found in the cache
/// @param completionTokens generated tokens
/// @param answers the number of answers
/// @param tokensAtDepth the number of tokens at each depth, from depth 1
/// @param flops the FLOPs computed
/// @param flopsSaved the additional FLOPs that full depth would have taken
public record Spending(
        long promptTokens,
        long cachedTokens,
        long completionTokens,
        int answers,
        List<Long> tokensAtDepth,
        long flops,
        long flopsSaved) {

    /// The cost of tokenizing or detokenizing a text.
    ///
    /// @param tokens the number of tokens in the text; none of them runs through the model
    /// @return the cost
    public static Spending ofText(int tokens) {
        return new Spending(tokens, 0, 0, 0, List.of(), 0, 0);
    }

    /// Copies the list.
    public Spending {
        tokensAtDepth = List.copyOf(tokensAtDepth);
    }

    /// The number of tokens that ran through the model.
    public long depthTokens() {
        return tokensAtDepth.stream().mapToLong(Long::longValue).sum();
    }

    /// The total number of recursions of all tokens that ran through the model.
    public long depthSum() {
        return IntStream.range(0, tokensAtDepth.size())
                .mapToLong(step -> (step + 1) * tokensAtDepth.get(step))
                .sum();
    }
}
