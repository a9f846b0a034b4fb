package dev.saiki.spring;

import dev.saiki.chat.GenerationSettings;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/// The properties of the engine and its models.
///
/// @param model Folder of the model: a checkpoint, or a training run, whose last checkpoint is used. Required
///     unless the application defines its own engine.
/// @param engine Settings of the engine.
/// @param chat Defaults of chat requests.
/// @param embedding Settings of embeddings.
@ConfigurationProperties("spring.ai.saiki")
public record SaikiProperties(
        @Nullable Path model,
        @DefaultValue EngineSettings engine,
        @DefaultValue Chat chat,
        @DefaultValue Embedding embedding) {

    /// Settings of the engine. The defaults are those of {@link EngineOptions#DEFAULT}.
    ///
    /// @param threads Number of compute threads; all cores by default.
    /// @param weights Number format of the weights; by default that of the checkpoint, bfloat16 or float32.
    /// @param cache Maximum memory of the KV cache; 1 GB by default.
    /// @param maxSequences Maximum number of requests that run at the same time.
    /// @param maxWaiting Maximum number of waiting requests; further requests are rejected.
    public record EngineSettings(
            @Nullable Integer threads,
            @Nullable WeightFormat weights,
            @Nullable DataSize cache,
            @Nullable Integer maxSequences,
            @Nullable Integer maxWaiting) {

        /// Checks the settings.
        ///
        /// @return options of an engine
        /// @throws InputException naming the option, the allowed values, and the given value
        EngineOptions options() {
            EngineOptions usual = EngineOptions.DEFAULT;
            EngineOptions.Builder options = usual.toBuilder();
            if (weights != null) {
                options.weights(weights);
            }
            return options.threads(threads != null ? threads : usual.threads())
                    .cacheBytes(cache != null ? cache.toBytes() : usual.cacheBytes())
                    .maxSequences(maxSequences != null ? maxSequences : usual.maxSequences())
                    .maxWaiting(maxWaiting != null ? maxWaiting : usual.maxWaiting())
                    .build();
        }
    }

    /// Defaults of chat requests.
    ///
    /// @param temperature Divisor of the logits; 0 selects the most likely token.
    /// @param maxTokens Maximum number of tokens of an answer.
    /// @param topP Share of the probability mass to sample from.
    /// @param topK Number of most likely tokens to sample from.
    /// @param frequencyPenalty Penalty for each occurrence of a token in the answer.
    /// @param presencePenalty Penalty for tokens that occur in the answer.
    /// @param stopSequences Texts that end an answer.
    /// @param seed Seed of the random numbers: the same seed gives the same text.
    /// @param depth Depth settings.
    public record Chat(
            @Nullable Double temperature,
            @Nullable Integer maxTokens,
            @Nullable Double topP,
            @Nullable Integer topK,
            @Nullable Double frequencyPenalty,
            @Nullable Double presencePenalty,
            @Nullable List<String> stopSequences,
            @Nullable Long seed,
            @DefaultValue Depth depth) {

        SaikiChatOptions options() {
            return SaikiChatOptions.builder()
                    .temperature(temperature)
                    .maxTokens(maxTokens)
                    .topP(topP)
                    .topK(topK)
                    .frequencyPenalty(frequencyPenalty)
                    .presencePenalty(presencePenalty)
                    .stopSequences(stopSequences)
                    .generation(new GenerationSettings(depth.effort, depth.min, depth.max, seed))
                    .build();
        }
    }

    /// Depth settings.
    ///
    /// @param effort Effort of a model with expert-threshold routing, from 0 (one pass) to 1.
    /// @param min Minimum number of recursions of a token.
    /// @param max Maximum number of recursions of a token.
    public record Depth(
            @Nullable Double effort,
            @Nullable Integer min,
            @Nullable Integer max) {

        /// Checks the settings.
        ///
        /// @return settings of a request
        /// @throws InputException naming the bound, the allowed values, and the given value
        RouteSettings route() {
            return new GenerationSettings(effort, min, max, null).route();
        }
    }

    /// Settings of the embedding model.
    ///
    /// @param depth Depth settings.
    public record Embedding(@DefaultValue Depth depth) {}
}
