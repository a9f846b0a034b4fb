package dev.saiki.model;

import java.util.List;

/// A token with its internal values.
///
/// @param position its place in the sequence
/// @param inputs its state before each recursion step that it took, one array of numbers a step
/// @param logprobs natural-log probability of each id as the one after it
@SuppressWarnings("ArrayRecordComponent") // A carrier of results that nothing compares.
public record WatchedToken(int position, List<float[]> inputs, float[] logprobs) {

    /// Keeps its own copy of the list.
    public WatchedToken {
        inputs = List.copyOf(inputs);
    }
}
