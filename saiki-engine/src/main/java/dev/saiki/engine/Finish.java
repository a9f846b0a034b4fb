package dev.saiki.engine;

import java.util.Optional;

/// How a generation ended.
///
/// @param reason why
/// @param text what was held back because a stop string might have begun in it; belongs behind the last token's
///     text
/// @param promptTokens tokens of the prompt
/// @param tokens tokens written
/// @param meanDepth mean recursions of all tokens that were computed, the prompt's included; NaN if there were none
/// @param failure what went wrong, with {@link FinishReason#FAILED}
public record Finish(
        FinishReason reason,
        String text,
        int promptTokens,
        int tokens,
        double meanDepth,
        Optional<Throwable> failure) {}
