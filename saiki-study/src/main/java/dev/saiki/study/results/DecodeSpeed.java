package dev.saiki.study.results;

import java.util.List;

/// The decoding speed of a checkpoint, measured in turn with the other checkpoints.
///
/// @param weights number format of the engine's weights
/// @param weightBytes memory of the engine's weights in bytes
/// @param sequences number of texts decoded together
/// @param promptTokens number of tokens in each prompt, taken from held-out documents
/// @param tokens number of tokens generated per text
/// @param tokensPerSecond generated tokens per second, one value per round
public record DecodeSpeed(
        String weights, long weightBytes, int sequences, int promptTokens, int tokens, List<Double> tokensPerSecond) {
    /// Copies the list.
    public DecodeSpeed {
        tokensPerSecond = List.copyOf(tokensPerSecond);
    }
}
