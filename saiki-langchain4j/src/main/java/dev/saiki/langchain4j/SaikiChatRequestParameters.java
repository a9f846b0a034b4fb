package dev.saiki.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.saiki.chat.GenerationSettings;
import org.jspecify.annotations.Nullable;

/// The parameters of a chat request: those of LangChain4j, and also depth settings and the seed.
public final class SaikiChatRequestParameters extends DefaultChatRequestParameters {

    private final GenerationSettings generation;

    private SaikiChatRequestParameters(Builder builder) {
        super(builder);
        this.generation = builder.generation;
    }

    /// Creates a builder without parameters.
    ///
    /// @return a builder
    public static Builder builder() {
        return new Builder();
    }

    GenerationSettings generation() {
        return generation;
    }

    /// Returns the effort.
    ///
    /// @return the effort, in [0, 1], where 0 is one pass; null for the model's default
    public @Nullable Double effort() {
        return generation.effort();
    }

    /// Returns the minimum depth.
    ///
    /// @return the minimum number of recursions of a token; null for 1
    public @Nullable Integer minDepth() {
        return generation.minDepth();
    }

    /// Returns the maximum depth.
    ///
    /// @return the maximum number of recursions of a token; null for all of the model's recursions
    public @Nullable Integer maxDepth() {
        return generation.maxDepth();
    }

    /// Returns the seed of the random numbers.
    ///
    /// @return the seed: the same seed gives the same text; null for a random seed
    public @Nullable Long seed() {
        return generation.seed();
    }

    @Override
    public ChatRequestParameters overrideWith(ChatRequestParameters that) {
        return builder().overrideWith(this).overrideWith(that).build();
    }

    @Override
    public ChatRequestParameters defaultedBy(ChatRequestParameters that) {
        return builder().overrideWith(that).overrideWith(this).build();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other)
                && other instanceof SaikiChatRequestParameters that
                && generation.equals(that.generation);
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + generation.hashCode();
    }

    /// A builder of parameters.
    public static final class Builder extends DefaultChatRequestParameters.Builder<Builder> {

        private GenerationSettings generation = GenerationSettings.DEFAULT;

        private Builder() {}

        /// Sets the effort of a model with expert-threshold routing.
        ///
        /// @param effort in [0, 1]; 0 is one pass
        /// @return this builder
        public Builder effort(double effort) {
            generation =
                    new GenerationSettings(effort, generation.minDepth(), generation.maxDepth(), generation.seed());
            return this;
        }

        /// Sets the minimum depth.
        ///
        /// @param minDepth minimum number of recursions of a token, at least 1
        /// @return this builder
        public Builder minDepth(int minDepth) {
            generation =
                    new GenerationSettings(generation.effort(), minDepth, generation.maxDepth(), generation.seed());
            return this;
        }

        /// Sets the maximum depth.
        ///
        /// @param maxDepth maximum number of recursions of a token
        /// @return this builder
        public Builder maxDepth(int maxDepth) {
            generation =
                    new GenerationSettings(generation.effort(), generation.minDepth(), maxDepth, generation.seed());
            return this;
        }

        /// Sets the seed of the random numbers.
        ///
        /// @param seed the same seed gives the same text
        /// @return this builder
        public Builder seed(long seed) {
            generation =
                    new GenerationSettings(generation.effort(), generation.minDepth(), generation.maxDepth(), seed);
            return this;
        }

        @Override
        public Builder overrideWith(ChatRequestParameters parameters) {
            Builder _ = super.overrideWith(parameters);
            if (parameters instanceof SaikiChatRequestParameters own) {
                generation = own.generation.or(generation);
            }
            return this;
        }

        @Override
        public SaikiChatRequestParameters build() {
            return new SaikiChatRequestParameters(this);
        }
    }
}
