package dev.saiki.spring;

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
/// @param model Folder of the model: a checkpoint, or a run with a last one. Needed unless the application has an
///     engine of its own.
/// @param engine How the engine uses the machine.
/// @param chat Defaults of chat requests.
/// @param embedding What is asked for embeddings.
@ConfigurationProperties("spring.ai.saiki")
public record SaikiProperties(
        @Nullable Path model,
        @DefaultValue EngineSettings engine,
        @DefaultValue Chat chat,
        @DefaultValue Embedding embedding) {

    /// Settings of the engine; unset ones are those of {@link EngineOptions#DEFAULT}.
    ///
    /// @param threads Threads that compute; all cores if it is not set.
    /// @param weights Number format of the weights; float32 if it is not set.
    /// @param cache Most memory for keys and values; 1 GB if it is not set.
    /// @param maxSequences Most requests at work at the same time.
    /// @param maxWaiting Most requests that wait; further ones are refused.
    public record EngineSettings(
            @Nullable Integer threads,
            @Nullable WeightFormat weights,
            @Nullable DataSize cache,
            @Nullable Integer maxSequences,
            @Nullable Integer maxWaiting) {

        /// Checks the settings.
        ///
        /// @return options of an engine
        /// @throws InputException naming the option, what is allowed, and what was got
        EngineOptions options() {
            EngineOptions usual = EngineOptions.DEFAULT;
            return usual.toBuilder()
                    .threads(threads != null ? threads : usual.threads())
                    .weights(weights != null ? weights : usual.weights())
                    .cacheBytes(cache != null ? cache.toBytes() : usual.cacheBytes())
                    .maxSequences(maxSequences != null ? maxSequences : usual.maxSequences())
                    .maxWaiting(maxWaiting != null ? maxWaiting : usual.maxWaiting())
                    .build();
        }
    }

    /// Defaults of chat requests.
    ///
    /// @param temperature What the logits are divided by; 0 takes the likeliest token.
    /// @param maxTokens Most tokens of an answer.
    /// @param topP Probability mass to draw from.
    /// @param topK How many of the likeliest tokens to draw from.
    /// @param frequencyPenalty Penalty of a token for each time that the answer has it.
    /// @param presencePenalty Penalty of tokens that the answer has.
    /// @param stopSequences Texts that end an answer.
    /// @param seed Name of the random numbers: the same seed gives the same text.
    /// @param depth What is asked of depth.
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
                    .seed(seed)
                    .effort(depth.effort)
                    .minDepth(depth.min)
                    .maxDepth(depth.max)
                    .build();
        }
    }

    /// Settings of depth.
    ///
    /// @param effort Compute dial of a model with expert-threshold routing, above 0 and at most 1.
    /// @param min Recursions that every token takes at least.
    /// @param max Recursions that no token exceeds.
    public record Depth(
            @Nullable Double effort,
            @Nullable Integer min,
            @Nullable Integer max) {

        /// Checks the settings.
        ///
        /// @return settings of a request
        /// @throws InputException naming the bound, what is allowed, and what was got
        RouteSettings route() {
            RouteSettings.Builder route = RouteSettings.builder();
            if (effort != null) {
                route.effort(effort);
            }
            if (min != null) {
                route.minDepth(min);
            }
            if (max != null) {
                route.maxDepth(max);
            }
            return route.build();
        }
    }

    /// Settings of the embedding model.
    ///
    /// @param depth What is asked of depth.
    public record Embedding(@DefaultValue Depth depth) {}
}
