package dev.saiki.engine;

import java.time.Duration;

/// The usage of a sequence.
///
/// @param depths recursions of the tokens that went through the model
/// @param cachedTokens prompt tokens that were taken from the prefix cache
/// @param overruled tokens that took the reference depth regardless of the router
/// @param queued waiting time before the first stage
@SuppressWarnings("ArrayRecordComponent") // Internal; never compared.
record SequenceUsage(int[] depths, int cachedTokens, int overruled, Duration queued) {}
