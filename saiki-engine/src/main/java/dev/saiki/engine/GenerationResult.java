package dev.saiki.engine;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/// The result of a generation beside its tokens: the reason why it ended, and its usage.
///
/// @param reason why
/// @param text what was held back because a stop string might have begun in it; belongs behind the last token's
///     text
/// @param stop the stop string that ended it, with {@link FinishReason#STOP}
/// @param promptTokens tokens of the prompt
/// @param cachedTokens those of them that were not computed, since a request before had begun with them; fewer than
///     `promptTokens`, for the last one is always computed
/// @param tokens tokens written
/// @param depths recursions of all tokens that went through the model, by position: the prompt's and cached ones
///     included, not the last one written, from which nothing was predicted any more
/// @param overruled tokens that took the reference depth whatever the router said, since it is not trusted
/// @param queued how long it waited before work on it began; empty for what no engine has queued
/// @param failure what went wrong, with {@link FinishReason#FAILED}
@SuppressWarnings("ArrayRecordComponent") // A carrier of results that nothing compares.
public record GenerationResult(
        FinishReason reason,
        String text,
        Optional<String> stop,
        int promptTokens,
        int cachedTokens,
        int tokens,
        int[] depths,
        int overruled,
        Optional<Duration> queued,
        Optional<Throwable> failure) {

    /// Averages the depths.
    ///
    /// @return mean recursions of a token; NaN if none went through the model
    public double meanDepth() {
        return Arrays.stream(depths).average().orElse(Double.NaN);
    }
}
