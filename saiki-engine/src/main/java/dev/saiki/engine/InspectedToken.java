package dev.saiki.engine;

import dev.saiki.engine.sampling.TokenLogprob;
import dev.saiki.engine.settings.RouterDecision;
import java.util.List;

/// A token that was inspected.
///
/// @param position index in the text
/// @param id the token
/// @param logprob natural-log probability of it given those before it; NaN at position 0
/// @param depth recursions that it took
/// @param decisions what the router said at each step that it was asked about; none without a router
/// @param predictions what was predicted to follow after each recursion, shallowest first; the last one is
///     what the model says. Models of the sequence kinds, which repeat one layer before the next one comes,
///     have that one only
public record InspectedToken(
        int position,
        int id,
        double logprob,
        int depth,
        List<RouterDecision> decisions,
        List<DepthPrediction> predictions) {

    /// Keeps its own copies of the lists.
    public InspectedToken {
        decisions = List.copyOf(decisions);
        predictions = List.copyOf(predictions);
    }

    /// The prediction for a token that exits after a given number of recursions.
    ///
    /// @param depth the recursions
    /// @param likeliest the likeliest tokens, likeliest first, as many as were asked for
    /// @param nextLogprob natural-log probability of the token that does follow; NaN after the last one
    public record DepthPrediction(int depth, List<TokenLogprob> likeliest, double nextLogprob) {

        /// Keeps its own copy of the list.
        public DepthPrediction {
            likeliest = List.copyOf(likeliest);
        }
    }
}
