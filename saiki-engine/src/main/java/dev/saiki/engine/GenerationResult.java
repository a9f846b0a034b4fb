package dev.saiki.engine;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/// The result of a generation, apart from its tokens: the finish reason and the usage.
///
/// @param reason why the generation ended
/// @param text the text that was held back because it might have begun a stop string; callers append this
///     text to the last token's text
/// @param stop the stop string that ended the answer, if the reason is {@link FinishReason#STOP}
/// @param promptTokens number of tokens in the prompt
/// @param cachedTokens number of prompt tokens that were taken from the prefix cache; less than
///     `promptTokens`, because the last prompt token is always computed
/// @param tokens number of generated tokens
/// @param depths recursions of all tokens that the model processed, by position. The prompt and cached tokens are
///     included. The last generated token is not included, because nothing was predicted after it
/// @param overruled number of tokens that took the reference depth instead of the router's
/// @param queued waiting time before the first stage; empty if no engine queued the request
/// @param failure the cause, if the reason is {@link FinishReason#FAILED}
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
    /// @param promptTokens number of tokens in the prompt
    /// @param depths recursions of the tokens that the model processed, by position
    /// @param overruled number of tokens that took the reference depth instead of the router's
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
    /// @return mean recursions per token; NaN if the model processed no token
    public double meanDepth() {
        return Arrays.stream(depths).average().orElse(Double.NaN);
    }
}
