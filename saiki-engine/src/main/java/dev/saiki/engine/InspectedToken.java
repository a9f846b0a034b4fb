package dev.saiki.engine;

import dev.saiki.engine.sampling.TokenLogprob;
import dev.saiki.engine.settings.RouterDecision;
import java.util.List;

/// An inspected token.
///
/// @param position index in the text
/// @param id the token
/// @param logprob natural-log probability of the token given those before it; NaN at position 0
/// @param depth recursions that it took
/// @param decisions the router's decision at each step for which it was evaluated; none without a router
/// @param predictions the next-token prediction after each recursion, shallowest first; the last one is the
///     model's output. Models of the sequence kinds, which repeat each layer before the next one, have only the
///     last one
public record InspectedToken(
        int position,
        int id,
        double logprob,
        int depth,
        List<RouterDecision> decisions,
        List<DepthPrediction> predictions) {

    /// Makes defensive copies of the lists.
    public InspectedToken {
        decisions = List.copyOf(decisions);
        predictions = List.copyOf(predictions);
    }

    /// The prediction for a token that exits after a given number of recursions.
    ///
    /// @param depth the recursions
    /// @param likeliest the requested number of likeliest tokens, likeliest first
    /// @param nextLogprob natural-log probability of the actual next token; NaN after the last one
    public record DepthPrediction(int depth, List<TokenLogprob> likeliest, double nextLogprob) {

        /// Makes a defensive copy of the list.
        public DepthPrediction {
            likeliest = List.copyOf(likeliest);
        }
    }
}
