package dev.saiki.eval;

import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.io.InputException;
import java.util.OptionalDouble;

/// How a text is continued.
///
/// @param maxTokens most tokens to write, at least 1
/// @param sampling how a token is drawn
/// @param seed names the random numbers; the same seed gives the same text
/// @param maxDepth greatest depth of any token, at least 1; {@link Integer#MAX_VALUE} sets no bound
/// @param effort compute setting of a model with expert-threshold routing
/// @param wholeUtf8 whether only tokens are drawn that can continue the text as valid UTF-8, and none ends it within a
///     character; log-probabilities that are reported stay those of the model, of all tokens
public record GenerateOptions(
        int maxTokens, SamplingSettings sampling, long seed, int maxDepth, OptionalDouble effort, boolean wholeUtf8) {

    /// Checks the numbers.
    ///
    /// @throws InputException naming the option, what is allowed, and what was got
    public GenerateOptions {
        if (maxTokens < 1) {
            throw new InputException("max_tokens must be at least 1, got " + maxTokens);
        }
        if (maxDepth < 1) {
            throw new InputException("max_depth must be at least 1, got " + maxDepth);
        }
    }

    /// Makes options for whole UTF-8, without a bound on depth and at the model's default effort.
    ///
    /// @param maxTokens most tokens to write, at least 1
    /// @param sampling how a token is drawn
    /// @param seed names the random numbers
    /// @return the options
    public static GenerateOptions of(int maxTokens, SamplingSettings sampling, long seed) {
        return new GenerateOptions(maxTokens, sampling, seed, Integer.MAX_VALUE, OptionalDouble.empty(), true);
    }

    /// Replaces whether the text's characters are whole.
    ///
    /// @param whole false lets any token be drawn
    /// @return changed options
    public GenerateOptions withWholeUtf8(boolean whole) {
        return new GenerateOptions(maxTokens, sampling, seed, maxDepth, effort, whole);
    }
}
