package dev.saiki.eval;

import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.io.InputException;
import java.util.OptionalDouble;

/// The options of a text's continuation.
///
/// @param maxTokens the maximum number of tokens to generate, at least 1
/// @param sampling how a token is drawn
/// @param seed the seed of the random numbers; the same seed gives the same text
/// @param maxDepth the maximum depth of a token, at least 1; {@link Integer#MAX_VALUE} for no limit
/// @param effort the effort of a model with expert-threshold routing
/// @param wholeUtf8 whether only tokens are drawn that keep the text valid UTF-8, and the text never ends
///     within a character; reported log-probabilities remain those of the model over all tokens
public record GenerateOptions(
        int maxTokens, SamplingSettings sampling, long seed, int maxDepth, OptionalDouble effort, boolean wholeUtf8) {

    /// Checks the numbers.
    ///
    /// @throws InputException with the option, the allowed values, and the actual value
    public GenerateOptions {
        if (maxTokens < 1) {
            throw new InputException("max_tokens must be at least 1, got " + maxTokens);
        }
        if (maxDepth < 1) {
            throw new InputException("max_depth must be at least 1, got " + maxDepth);
        }
    }

    /// Makes options for whole UTF-8, without a limit on depth and at the model's default effort.
    ///
    /// @param maxTokens the maximum number of tokens to generate, at least 1
    /// @param sampling how a token is drawn
    /// @param seed the seed of the random numbers
    /// @return the options
    public static GenerateOptions of(int maxTokens, SamplingSettings sampling, long seed) {
        return new GenerateOptions(maxTokens, sampling, seed, Integer.MAX_VALUE, OptionalDouble.empty(), true);
    }

    /// Returns these options with another choice for whole characters.
    ///
    /// @param whole whether the text must be whole UTF-8; false allows any token
    /// @return the changed options
    public GenerateOptions withWholeUtf8(boolean whole) {
        return new GenerateOptions(maxTokens, sampling, seed, maxDepth, effort, whole);
    }
}
