package dev.saiki.eval.tradeoff;

import dev.saiki.eval.TextScore;

/// The loss of a model on a text at one compute setting, and the cost of that setting.
///
/// @param score the loss, window by window
/// @param meanDepth mean number of recursions per token
/// @param meanLayers mean number of unrolled layers per token
/// @param flopsPerToken all FLOPs per token, including head, routers, and the checks of early exit
/// @param flopsPerTokenWithoutChecks FLOPs per token without the cost of deciding which tokens exit
public record CostedScore(
        TextScore score,
        double meanDepth,
        double meanLayers,
        double flopsPerToken,
        double flopsPerTokenWithoutChecks) {}
