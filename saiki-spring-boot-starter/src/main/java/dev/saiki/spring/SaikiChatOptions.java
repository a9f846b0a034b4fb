package dev.saiki.spring;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.tool.DefaultToolCallingChatOptions;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;

/// The options of a chat request: those of Spring AI, with depth settings, the seed, a schema of the answer, and
/// whether a tool call is required.
public final class SaikiChatOptions extends DefaultToolCallingChatOptions implements StructuredOutputChatOptions {

    private final @Nullable Double effort;
    private final @Nullable Integer minDepth;
    private final @Nullable Integer maxDepth;
    private final @Nullable Long seed;
    private final @Nullable String outputSchema;
    private final boolean toolRequired;

    private SaikiChatOptions(ToolCallingChatOptions usual, Builder own) {
        super(
                usual.getToolCallbacks(),
                usual.getToolContext(),
                usual.getModel(),
                usual.getFrequencyPenalty(),
                usual.getMaxTokens(),
                usual.getPresencePenalty(),
                usual.getStopSequences(),
                usual.getTemperature(),
                usual.getTopK(),
                usual.getTopP());
        this.effort = own.effort;
        this.minDepth = own.minDepth;
        this.maxDepth = own.maxDepth;
        this.seed = own.seed;
        this.outputSchema = own.outputSchema;
        this.toolRequired = own.toolRequired;
    }

    /// Starts from empty options.
    ///
    /// @return a builder
    public static Builder builder() {
        return new Builder();
    }

    /// Returns the effort of a model with expert-threshold routing.
    ///
    /// @return in (0, 1]; null for the model's default
    public @Nullable Double getEffort() {
        return effort;
    }

    /// Returns the least depth.
    ///
    /// @return fewest recursions of a token; null for 1
    public @Nullable Integer getMinDepth() {
        return minDepth;
    }

    /// Returns the greatest depth.
    ///
    /// @return most recursions of a token; null for all that the model has
    public @Nullable Integer getMaxDepth() {
        return maxDepth;
    }

    /// Returns the seed of the random numbers.
    ///
    /// @return the seed: the same seed gives the same text; null for a random one
    public @Nullable Long getSeed() {
        return seed;
    }

    /// Returns the required form of the answer.
    ///
    /// @return a JSON Schema that the answer must match; null for any text
    @Override
    public @Nullable String getOutputSchema() {
        return outputSchema;
    }

    /// Tells whether an answer to the user must be a tool call. The answer to a tool's result need not be one.
    ///
    /// @return false if the model decides
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
                .effort(effort)
                .minDepth(minDepth)
                .maxDepth(maxDepth)
                .seed(seed)
                .outputSchema(outputSchema)
                .toolRequired(toolRequired);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other)
                && other instanceof SaikiChatOptions that
                && Objects.equals(effort, that.effort)
                && Objects.equals(minDepth, that.minDepth)
                && Objects.equals(maxDepth, that.maxDepth)
                && Objects.equals(seed, that.seed)
                && Objects.equals(outputSchema, that.outputSchema)
                && toolRequired == that.toolRequired;
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), effort, minDepth, maxDepth, seed, outputSchema, toolRequired);
    }

    /// A builder of options.
    public static final class Builder extends DefaultToolCallingChatOptions.Builder<Builder>
            implements StructuredOutputChatOptions.Builder<Builder> {

        private @Nullable Double effort;
        private @Nullable Integer minDepth;
        private @Nullable Integer maxDepth;
        private @Nullable Long seed;
        private @Nullable String outputSchema;
        private boolean toolRequired;

        private Builder() {}

        /// Sets the effort.
        ///
        /// @param effort in (0, 1]; null for the model's default
        /// @return this builder
        public Builder effort(@Nullable Double effort) {
            this.effort = effort;
            return this;
        }

        /// Sets the least depth.
        ///
        /// @param minDepth fewest recursions of a token; null for 1
        /// @return this builder
        public Builder minDepth(@Nullable Integer minDepth) {
            this.minDepth = minDepth;
            return this;
        }

        /// Sets the greatest depth.
        ///
        /// @param maxDepth most recursions of a token; null for all that the model has
        /// @return this builder
        public Builder maxDepth(@Nullable Integer maxDepth) {
            this.maxDepth = maxDepth;
            return this;
        }

        /// Sets the seed of the random numbers.
        ///
        /// @param seed the same seed gives the same text; null for a random one
        /// @return this builder
        public Builder seed(@Nullable Long seed) {
            this.seed = seed;
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
        /// @param toolRequired false lets the model decide
        /// @return this builder
        public Builder toolRequired(boolean toolRequired) {
            this.toolRequired = toolRequired;
            return this;
        }

        @Override
        public Builder combineWith(ChatOptions.Builder<?> other) {
            Builder _ = super.combineWith(other);
            if (other instanceof Builder own) {
                effort = own.effort != null ? own.effort : effort;
                minDepth = own.minDepth != null ? own.minDepth : minDepth;
                maxDepth = own.maxDepth != null ? own.maxDepth : maxDepth;
                seed = own.seed != null ? own.seed : seed;
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
