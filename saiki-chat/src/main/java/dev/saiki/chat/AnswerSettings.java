package dev.saiki.chat;

import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.sampling.Penalties;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.io.InputException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// The sampling settings of an answer.
///
/// @param temperature number by which the logits are divided; 0 selects the likeliest token; null for 1
/// @param topP probability mass to draw from; null for 1
/// @param topK number of likeliest tokens to draw from; null for all
/// @param presencePenalty penalty for tokens that occur in the answer; null for 0
/// @param frequencyPenalty penalty for each occurrence of a token in the answer; null for 0
/// @param generation depth and seed
public record AnswerSettings(
        @Nullable Double temperature,
        @Nullable Double topP,
        @Nullable Integer topK,
        @Nullable Double presencePenalty,
        @Nullable Double frequencyPenalty,
        GenerationSettings generation) {

    /// Adds the settings to a request.
    ///
    /// @throws InputException naming a setting, the allowed values, and the given value
    GenerationRequest.Builder applyTo(GenerationRequest.Builder request) {
        Long seed = generation.seed();
        return request.sampling(SamplingSettings.builder()
                        .temperature(or(temperature, 1))
                        .topP(or(topP, 1))
                        .topK(topK == null ? 0 : topK)
                        .build())
                .penalties(new Penalties(1, or(presencePenalty, 0), or(frequencyPenalty, 0)))
                .seed(seed != null ? seed : ThreadLocalRandom.current().nextLong())
                .route(generation.route());
    }

    private static double or(@Nullable Double value, double other) {
        return value == null ? other : value;
    }
}
