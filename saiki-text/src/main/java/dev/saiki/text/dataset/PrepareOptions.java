package dev.saiki.text.dataset;

import dev.saiki.io.InputException;

/// Options for encoding a corpus into a {@link TokenDataset}.
///
/// @param validationFraction the share of tokens to hold out, above 0 and at most 0.5
/// @param seed the seed of the choice of held-out documents
/// @param maxShardTokens the number of ids at which a shard is full; a shard may exceed this number, because
///     a document is never split
public record PrepareOptions(double validationFraction, long seed, long maxShardTokens) {

    /// The default share of tokens held out.
    public static final double DEFAULT_VALIDATION_FRACTION = 0.05;

    /// The default maximum number of ids in a shard: half a gigabyte of two-byte ids.
    public static final long DEFAULT_MAX_SHARD_TOKENS = 1L << 28;

    /// Checks the ranges.
    ///
    /// @param validationFraction the share of tokens to hold out, above 0 and at most 0.5
    /// @param seed the seed of the choice of held-out documents
    /// @param maxShardTokens the number of ids at which a shard is full; a shard may exceed it because a document
    ///     is never split
    public PrepareOptions {
        if (!(validationFraction > 0 && validationFraction <= 0.5)) {
            throw InputException.of(
                    "data", "validation_fraction", "above 0 and at most 0.5", String.valueOf(validationFraction));
        }
        InputException.requireAtLeast("data: max_shard_tokens", maxShardTokens, 1);
    }

    /// Returns the default options: five percent held out, and seed 0.
    ///
    /// @return the defaults
    public static PrepareOptions defaults() {
        return new PrepareOptions(DEFAULT_VALIDATION_FRACTION, 0, DEFAULT_MAX_SHARD_TOKENS);
    }

    /// Returns a copy with another share of held-out tokens.
    ///
    /// @param fraction the share of held-out tokens, above 0 and at most 0.5
    /// @return the changed options
    public PrepareOptions withValidationFraction(double fraction) {
        return new PrepareOptions(fraction, seed, maxShardTokens);
    }

    /// Returns a copy with another seed.
    ///
    /// @param newSeed the seed of the choice of held-out documents
    /// @return the changed options
    public PrepareOptions withSeed(long newSeed) {
        return new PrepareOptions(validationFraction, newSeed, maxShardTokens);
    }
}
