package dev.saiki.model.attention;

import dev.saiki.checkpoint.config.Rotation;
import java.util.OptionalInt;

/// The positions that a layer's tokens attend to.
///
/// @param window the number of positions that a token attends to, including its own; empty if the token
///     attends to all earlier positions
/// @param rotation the rotation of queries and keys
public record Sight(OptionalInt window, Rotation rotation) {}
