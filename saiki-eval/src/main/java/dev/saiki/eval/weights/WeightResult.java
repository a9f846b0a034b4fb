package dev.saiki.eval.weights;

import dev.saiki.eval.Interval;

/// A text's loss, and a model's size and speed, with weights in one number format.
///
/// @param format the number format, as `--weights` names it, or another name of the weights
/// @param bytes memory of the weights
/// @param nll loss in nats a token
/// @param change loss minus the loss in float32, with its interval over windows of text
/// @param otherTokens share of positions whose likeliest next token differs from that in float32
/// @param otherDepths share of tokens that take another number of recursions than in float32
/// @param tokensPerSecond tokens a second while one sequence is generated; NaN if the answer had a single token
public record WeightResult(
        String format,
        long bytes,
        double nll,
        Interval change,
        double otherTokens,
        double otherDepths,
        double tokensPerSecond) {}
