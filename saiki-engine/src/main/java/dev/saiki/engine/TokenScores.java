package dev.saiki.engine;

/// The probabilities that a model gave to a text, and the depth each token took.
///
/// @param logprobs natural-log probability of each id given those before it; NaN at position 0
/// @param depths recursions each token took, from 1
@SuppressWarnings("ArrayRecordComponent") // A carrier of results that nothing compares.
public record TokenScores(double[] logprobs, int[] depths) {}
