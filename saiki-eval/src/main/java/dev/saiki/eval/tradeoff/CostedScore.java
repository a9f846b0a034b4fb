package dev.saiki.eval.tradeoff;

import dev.saiki.eval.TextScore;

/// The loss of a model on a text at one setting of its compute, and the cost.
///
/// @param score the loss, window by window
/// @param meanDepth recursions of a token
/// @param meanLayers unrolled layers that a token passed
/// @param flopsPerToken FLOPs of a token with everything that it takes: head, routers, and the checks of early
///     exit
/// @param flopsPerTokenWithoutChecks the same, as if it were known for nothing which tokens leave
public record CostedScore(
        TextScore score,
        double meanDepth,
        double meanLayers,
        double flopsPerToken,
        double flopsPerTokenWithoutChecks) {}
