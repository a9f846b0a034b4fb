package dev.saiki.model;

import java.util.List;

/// A token with internal values of the model.
///
/// @param position the position in the sequence
/// @param inputs the token's state before each recursion step that it took, one array per step
/// @param logprobs natural-log probability of each id as the next token
@SuppressWarnings("ArrayRecordComponent") // Results are not compared.
public record WatchedToken(int position, List<float[]> inputs, float[] logprobs) {

    /// Copies the list.
    public WatchedToken {
        inputs = List.copyOf(inputs);
    }
}
