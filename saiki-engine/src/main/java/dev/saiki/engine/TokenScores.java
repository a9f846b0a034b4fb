package dev.saiki.engine;

import dev.saiki.engine.sampling.TokenLogprob;
import java.util.List;

/// The log-probabilities of a text's tokens, and the depth of each.
///
/// @param logprobs natural-log probability of each id given the ids before it; NaN at position 0 and where no
///     score was requested
/// @param depths recursions of each computed token, from 1
/// @param overruled number of tokens that took the reference depth instead of the router's
/// @param alternatives the likeliest tokens at each position, likeliest first; empty where none were requested
@SuppressWarnings("ArrayRecordComponent") // Holds results; never compared.
public record TokenScores(double[] logprobs, int[] depths, int overruled, List<List<TokenLogprob>> alternatives) {

    /// Makes a defensive copy of the list.
    public TokenScores {
        alternatives = List.copyOf(alternatives);
    }
}
