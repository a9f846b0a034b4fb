package dev.saiki.model;

import java.util.List;

/// The token probabilities of a continuation under early exits, and the exit of each token.
///
/// @param logprobs natural-log probability of each scored token given all before it
/// @param leftAfter unrolled layers that each token read had passed when it left; those of the model if it did not
/// @param confidences at each place, of each token read; NaN for those that had left before
@SuppressWarnings("ArrayRecordComponent") // A carrier of results that nothing compares.
public record ExitedContinuation(double[] logprobs, int[] leftAfter, List<float[]> confidences) {

    /// Keeps its own copy of the list.
    public ExitedContinuation {
        confidences = List.copyOf(confidences);
    }
}
