package dev.saiki.engine;

import java.time.Duration;

/// The usage of a sequence.
///
/// @param depths recursions of those that went through the model
/// @param cachedTokens those that were not computed
/// @param overruled those that took the reference depth whatever the router said
/// @param queued how long the sequence waited before work on it began
@SuppressWarnings("ArrayRecordComponent") // Handed on, and compared by nobody.
record SequenceUsage(int[] depths, int cachedTokens, int overruled, Duration queued) {}
