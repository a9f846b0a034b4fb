package dev.saiki.train;

import java.nio.file.Path;

/// The location of a saved state, and of the checkpoint with the same weights.
///
/// @param step the number of steps taken
/// @param state the folder of the resumable state
/// @param last the checkpoint of the same weights, ready for use
public record CheckpointReport(long step, Path state, Path last) {}
