package dev.saiki.engine;

import java.util.Optional;

/// How a generation ended.
///
/// @param reason why
/// @param text what was held back because a stop string might have begun in it; belongs behind the last token's
///     text
/// @param promptTokens tokens of the prompt
/// @param cachedTokens those of them that were not computed, since a request before had begun with them; fewer than
///     `promptTokens`, for the last one is always computed
/// @param tokens tokens written
/// @param meanDepth mean recursions of all tokens that went through the model, the prompt's and cached ones included;
///     NaN if there were none
/// @param failure what went wrong, with {@link FinishReason#FAILED}
public record Finish(
        FinishReason reason,
        String text,
        int promptTokens,
        int cachedTokens,
        int tokens,
        double meanDepth,
        Optional<Throwable> failure) {}
