package dev.saiki.engine;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/// The result of a generation beside its tokens: its finish reason and its usage.
///
/// @param reason why it ended
/// @param text text that was held back because it might have begun a stop string; append it to the last token's
///     text
/// @param stop the stop string that ended the answer, with {@link FinishReason#STOP}
/// @param promptTokens tokens of the prompt
/// @param cachedTokens prompt tokens that were taken from the prefix cache; fewer than `promptTokens`, because the
///     last one is always computed
/// @param tokens number of generated tokens
/// @param depths recursions of all tokens that went through the model, by position: including the prompt and
///     cached tokens, but not the last generated one, after which nothing was predicted
/// @param overruled tokens that took the reference depth regardless of the router, because it is not trusted
/// @param queued waiting time before the first stage; empty if no engine queued the request
/// @param failure the cause, with {@link FinishReason#FAILED}
@SuppressWarnings("ArrayRecordComponent") // Holds results; never compared.
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

    /// The result of a prompt that was read without generating text.
    ///
    /// @param promptTokens tokens of the prompt
    /// @param depths recursions of those that went through the model, by position
    /// @param overruled those that took the reference depth regardless of the router
    /// @param queued waiting time before the first stage; empty if no engine queued the request
    /// @return the result
    public static GenerationResult ofPrompt(int promptTokens, int[] depths, int overruled, Optional<Duration> queued) {
        return new GenerationResult(
                FinishReason.MAX_TOKENS,
                "",
                Optional.empty(),
                promptTokens,
                0,
                0,
                depths,
                overruled,
                queued,
                Optional.empty());
    }

    /// Averages the depths.
    ///
    /// @return mean recursions per token; NaN if no token went through the model
    public double meanDepth() {
        return Arrays.stream(depths).average().orElse(Double.NaN);
    }
}
