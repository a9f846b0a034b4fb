package dev.saiki.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The parameters of a chat request: those of LangChain4j, with depth settings and the seed.
public final class SaikiChatRequestParameters extends DefaultChatRequestParameters {

    private final @Nullable Double effort;
    private final @Nullable Integer minDepth;
    private final @Nullable Integer maxDepth;
    private final @Nullable Long seed;

    private SaikiChatRequestParameters(Builder builder) {
        super(builder);
        this.effort = builder.effort;
        this.minDepth = builder.minDepth;
        this.maxDepth = builder.maxDepth;
        this.seed = builder.seed;
    }

    /// Starts from empty parameters.
    ///
    /// @return a builder
    public static Builder builder() {
        return new Builder();
    }

    /// Returns the effort.
    ///
    /// @return in (0, 1]; null for the model's default
    public @Nullable Double effort() {
        return effort;
    }

    /// Returns the least depth.
    ///
    /// @return fewest recursions of a token; null for 1
    public @Nullable Integer minDepth() {
        return minDepth;
    }

    /// Returns the greatest depth.
    ///
    /// @return most recursions of a token; null for all that the model has
    public @Nullable Integer maxDepth() {
        return maxDepth;
    }

    /// Returns the seed of the random numbers.
    ///
    /// @return the seed: the same seed gives the same text; null for a random one
    public @Nullable Long seed() {
        return seed;
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
                && Objects.equals(effort, that.effort)
                && Objects.equals(minDepth, that.minDepth)
                && Objects.equals(maxDepth, that.maxDepth)
                && Objects.equals(seed, that.seed);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), effort, minDepth, maxDepth, seed);
    }

    /// A builder of parameters.
    public static final class Builder extends DefaultChatRequestParameters.Builder<Builder> {

        private @Nullable Double effort;
        private @Nullable Integer minDepth;
        private @Nullable Integer maxDepth;
        private @Nullable Long seed;

        private Builder() {}

        /// Sets the effort of a model with expert-threshold routing.
        ///
        /// @param effort in (0, 1]
        /// @return this builder
        public Builder effort(double effort) {
            this.effort = effort;
            return this;
        }

        /// Sets the least depth.
        ///
        /// @param minDepth fewest recursions of a token, at least 1
        /// @return this builder
        public Builder minDepth(int minDepth) {
            this.minDepth = minDepth;
            return this;
        }

        /// Sets the greatest depth.
        ///
        /// @param maxDepth most recursions of a token
        /// @return this builder
        public Builder maxDepth(int maxDepth) {
            this.maxDepth = maxDepth;
            return this;
        }

        /// Sets the seed of the random numbers.
        ///
        /// @param seed the same seed gives the same text
        /// @return this builder
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        @Override
        public Builder overrideWith(ChatRequestParameters parameters) {
            Builder _ = super.overrideWith(parameters);
            if (parameters instanceof SaikiChatRequestParameters own) {
                effort = own.effort != null ? own.effort : effort;
                minDepth = own.minDepth != null ? own.minDepth : minDepth;
                maxDepth = own.maxDepth != null ? own.maxDepth : maxDepth;
                seed = own.seed != null ? own.seed : seed;
            }
            return this;
        }

        @Override
        public SaikiChatRequestParameters build() {
            return new SaikiChatRequestParameters(this);
        }
    }
}
