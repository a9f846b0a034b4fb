package dev.saiki.engine;

import dev.saiki.engine.sampling.TokenLogprob;
import dev.saiki.engine.settings.RouterDecision;
import java.util.List;

/// An inspected token.
///
/// @param position index in the text
/// @param id the token
/// @param logprob natural-log probability of the token given the tokens before it; NaN at position 0
/// @param depth recursions that the token took
/// @param decisions the router's decision at each step at which the router was evaluated; empty without a router
/// @param predictions next-token prediction after each recursion, shallowest first; the last prediction is
///     the model's output. Sequence models, which repeat each layer before the next layer, have only this
///     prediction
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
    /// @param depth number of recursions before the exit
    /// @param likeliest the likeliest tokens, as many as requested, likeliest first
    /// @param nextLogprob natural-log probability of the actual next token; NaN after the last token
    public record DepthPrediction(int depth, List<TokenLogprob> likeliest, double nextLogprob) {

        /// Makes a defensive copy of the list.
        public DepthPrediction {
            likeliest = List.copyOf(likeliest);
        }
    }
}
