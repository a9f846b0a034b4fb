package dev.saiki.engine;

import java.time.Duration;

/// The usage of a sequence.
///
/// @param depths recursions of the tokens that the model processed
/// @param cachedTokens number of prompt tokens that were taken from the prefix cache
/// @param overruled number of tokens that took the reference depth instead of the router's
/// @param queued waiting time before the first stage
@SuppressWarnings("ArrayRecordComponent") // Internal; never compared.
record SequenceUsage(int[] depths, int cachedTokens, int overruled, Duration queued) {}
