package dev.saiki.model;

import java.util.List;

/// The token probabilities of a continuation under early exits, and the exit of each token.
///
/// @param logprobs natural-log probability of each scored token given all earlier tokens
/// @param leftAfter the number of unrolled layers that each read token passed before its exit; all layers if
///     the token did not exit
/// @param confidences the confidence of each read token at each exit point; NaN at exit points after the
///     token's exit
@SuppressWarnings("ArrayRecordComponent") // Results are not compared.
public record ExitedContinuation(double[] logprobs, int[] leftAfter, List<float[]> confidences) {}
