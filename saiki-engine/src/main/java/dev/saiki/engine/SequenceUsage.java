package dev.saiki.engine;

import java.time.Duration;

/// The usage of a sequence.
///
/// @param depths recursions of the tokens that went through the model
/// @param cachedTokens those that were not computed
/// @param overruled tokens that took the reference depth regardless of the router
/// @param queued waiting time before the first stage
@SuppressWarnings("ArrayRecordComponent") // Handed on, and compared by nobody.
record SequenceUsage(int[] depths, int cachedTokens, int overruled, Duration queued) {}
