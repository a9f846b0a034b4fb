package dev.saiki.model;

/// The token probabilities and depths of a scored sequence.
///
/// @param logprobs natural-log probability of each id given the earlier ones; NaN at position 0
/// @param depths recursions of each token, from 1
@SuppressWarnings("ArrayRecordComponent") // Results are not compared.
public record ScoredSequence(float[] logprobs, int[] depths) {}
