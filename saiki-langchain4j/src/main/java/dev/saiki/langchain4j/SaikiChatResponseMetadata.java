package dev.saiki.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import org.jspecify.annotations.Nullable;

/// The metadata of an answer, with the mean depth of its tokens.
public final class SaikiChatResponseMetadata extends ChatResponseMetadata {

    private final double meanDepth;

    SaikiChatResponseMetadata(ChatResponseMetadata.Builder<?> builder, double meanDepth) {
        super(builder);
        this.meanDepth = meanDepth;
    }

    /// Returns the mean depth.
    ///
    /// @return mean number of recursions per token, including prompt tokens
    public double meanDepth() {
        return meanDepth;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other)
                && other instanceof SaikiChatResponseMetadata that
                && Double.compare(meanDepth, that.meanDepth) == 0;
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + Double.hashCode(meanDepth);
    }
}
