package dev.saiki.spring;

import dev.saiki.chat.GenerationSettings;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.tool.DefaultToolCallingChatOptions;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;

/// The options of a chat request: those of Spring AI, and also depth settings, the seed, a schema of the answer,
/// and whether a tool call is required.
public final class SaikiChatOptions extends DefaultToolCallingChatOptions implements StructuredOutputChatOptions {

    private final GenerationSettings generation;
    private final @Nullable String outputSchema;
    private final boolean toolRequired;

    private SaikiChatOptions(ToolCallingChatOptions base, Builder own) {
        super(
                base.getToolCallbacks(),
                base.getToolContext(),
                base.getModel(),
                base.getFrequencyPenalty(),
                base.getMaxTokens(),
                base.getPresencePenalty(),
                base.getStopSequences(),
                base.getTemperature(),
                base.getTopK(),
                base.getTopP());
        this.generation = own.generation;
        this.outputSchema = own.outputSchema;
        this.toolRequired = own.toolRequired;
    }

    /// Creates a builder without options.
    ///
    /// @return a builder
    public static Builder builder() {
        return new Builder();
    }

    GenerationSettings generation() {
        return generation;
    }

    /// Returns the effort of a model with expert-threshold routing.
    ///
    /// @return the effort, in [0, 1], where 0 is one pass; null for the model's default
    public @Nullable Double getEffort() {
        return generation.effort();
    }

    /// Returns the minimum depth.
    ///
    /// @return the minimum number of recursions of a token; null for 1
    public @Nullable Integer getMinDepth() {
        return generation.minDepth();
    }

    /// Returns the maximum depth.
    ///
    /// @return the maximum number of recursions of a token; null for all of the model's recursions
    public @Nullable Integer getMaxDepth() {
        return generation.maxDepth();
    }

    /// Returns the seed of the random numbers.
    ///
    /// @return the seed: the same seed gives the same text; null for a random seed
    public @Nullable Long getSeed() {
        return generation.seed();
    }

    /// Returns the required form of the answer.
    ///
    /// @return a JSON Schema that the answer must match; null for any text
    @Override
    public @Nullable String getOutputSchema() {
        return outputSchema;
    }

    /// Tells whether the answer to a user must be a tool call. The answer to a tool's result may always be text.
    ///
    /// @return true if a tool call is required; false if the model decides
    public boolean isToolRequired() {
        return toolRequired;
    }

    @Override
    public Builder mutate() {
        return builder()
                .model(getModel())
                .frequencyPenalty(getFrequencyPenalty())
                .maxTokens(getMaxTokens())
                .presencePenalty(getPresencePenalty())
                .stopSequences(getStopSequences())
                .temperature(getTemperature())
                .topK(getTopK())
                .topP(getTopP())
                .toolCallbacks(getToolCallbacks())
                .toolContext(getToolContext())
                .generation(generation)
                .outputSchema(outputSchema)
                .toolRequired(toolRequired);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other)
                && other instanceof SaikiChatOptions that
                && generation.equals(that.generation)
                && Objects.equals(outputSchema, that.outputSchema)
                && toolRequired == that.toolRequired;
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), generation, outputSchema, toolRequired);
    }

    /// A builder of options.
    public static final class Builder extends DefaultToolCallingChatOptions.Builder<Builder>
            implements StructuredOutputChatOptions.Builder<Builder> {

        private GenerationSettings generation = GenerationSettings.DEFAULT;
        private @Nullable String outputSchema;
        private boolean toolRequired;

        private Builder() {}

        Builder generation(GenerationSettings generation) {
            this.generation = generation;
            return this;
        }

        /// Sets the effort.
        ///
        /// @param effort in [0, 1], where 0 is one pass; null for the model's default
        /// @return this builder
        public Builder effort(@Nullable Double effort) {
            generation =
                    new GenerationSettings(effort, generation.minDepth(), generation.maxDepth(), generation.seed());
            return this;
        }

        /// Sets the minimum depth.
        ///
        /// @param minDepth minimum number of recursions of a token; null for 1
        /// @return this builder
        public Builder minDepth(@Nullable Integer minDepth) {
            generation =
                    new GenerationSettings(generation.effort(), minDepth, generation.maxDepth(), generation.seed());
            return this;
        }

        /// Sets the maximum depth.
        ///
        /// @param maxDepth maximum number of recursions of a token; null for all of the model's recursions
        /// @return this builder
        public Builder maxDepth(@Nullable Integer maxDepth) {
            generation =
                    new GenerationSettings(generation.effort(), generation.minDepth(), maxDepth, generation.seed());
            return this;
        }

        /// Sets the seed of the random numbers.
        ///
        /// @param seed the seed: the same seed gives the same text; null for a random seed
        /// @return this builder
        public Builder seed(@Nullable Long seed) {
            generation =
                    new GenerationSettings(generation.effort(), generation.minDepth(), generation.maxDepth(), seed);
            return this;
        }

        /// Sets the required form of the answer.
        ///
        /// @param outputSchema a JSON Schema that the answer must match; null for any text
        /// @return this builder
        @Override
        public Builder outputSchema(@Nullable String outputSchema) {
            this.outputSchema = outputSchema;
            return this;
        }

        /// Sets whether the answer must be a tool call.
        ///
        /// @param toolRequired whether the answer must be a tool call; if false, the model decides
        /// @return this builder
        public Builder toolRequired(boolean toolRequired) {
            this.toolRequired = toolRequired;
            return this;
        }

        @Override
        public Builder combineWith(ChatOptions.Builder<?> other) {
            Builder _ = super.combineWith(other);
            if (other instanceof Builder own) {
                generation = own.generation.or(generation);
                outputSchema = own.outputSchema != null ? own.outputSchema : outputSchema;
                toolRequired |= own.toolRequired;
            }
            return this;
        }

        @Override
        public SaikiChatOptions build() {
            return new SaikiChatOptions(super.build(), this);
        }
    }
}
