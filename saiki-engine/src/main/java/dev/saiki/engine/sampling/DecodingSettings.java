package dev.saiki.engine.sampling;

import dev.saiki.io.InputException;
import java.util.Map;

/// The settings of decoding: sampling, penalties, biases and the seed.
///
/// @param sampling settings of sampling
/// @param penalties penalties for tokens that have already been used
/// @param logitBias numbers added to the logits of tokens; -100 practically bans a token
/// @param seed seed of the random numbers; equal requests with the same seed give the same text
public record DecodingSettings(
        SamplingSettings sampling, Penalties penalties, Map<Integer, Double> logitBias, long seed) {

    private static final double GREATEST_BIAS = 100;

    /// Checks the biases and makes a defensive copy.
    ///
    /// @throws InputException naming the token, the allowed values, and the given value
    public DecodingSettings {
        logitBias = Map.copyOf(logitBias);
        logitBias.forEach((id, bias) -> InputException.require(
                Math.abs(bias) <= GREATEST_BIAS, "logit_bias of token " + id, "in [-100, 100]", bias));
    }
}
