package dev.saiki.eval;

import dev.saiki.engine.SamplingSettings;
import dev.saiki.io.InputException;
import java.util.OptionalDouble;

/// How a text is continued.
///
/// @param maxTokens most tokens to write, at least 1
/// @param sampling how a token is drawn
/// @param seed names the random numbers; the same seed gives the same text
/// @param maxDepth greatest depth of any token, at least 1; {@link Integer#MAX_VALUE} sets no bound
/// @param effort compute setting of a model with expert-threshold routing
public record GenerateOptions(
        int maxTokens, SamplingSettings sampling, long seed, int maxDepth, OptionalDouble effort) {

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

    /// Makes options without a bound on depth and at the model's default effort.
    ///
    /// @param maxTokens most tokens to write, at least 1
    /// @param sampling how a token is drawn
    /// @param seed names the random numbers
    /// @return the options
    public static GenerateOptions of(int maxTokens, SamplingSettings sampling, long seed) {
        return new GenerateOptions(maxTokens, sampling, seed, Integer.MAX_VALUE, OptionalDouble.empty());
    }
}
