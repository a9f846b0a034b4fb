package dev.saiki.study.results;

import java.util.List;

/// The decoding speed of a checkpoint, measured in turns with the other checkpoints.
///
/// @param weights number format of the engine's weights
/// @param weightBytes bytes of the weights
/// @param sequences texts at the same time
/// @param promptTokens tokens of each prompt, taken from held-out documents
/// @param tokens tokens that each text was given
/// @param tokensPerSecond tokens written in a second, one a round
public record DecodeSpeed(
        String weights, long weightBytes, int sequences, int promptTokens, int tokens, List<Double> tokensPerSecond) {
    /// Keeps its own copy of the list.
    public DecodeSpeed {
        tokensPerSecond = List.copyOf(tokensPerSecond);
    }
}
