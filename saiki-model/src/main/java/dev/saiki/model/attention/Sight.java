package dev.saiki.model.attention;

import java.util.OptionalInt;

/// The positions that a layer's tokens attend to.
///
/// @param window the number of positions that a token attends to, including its own; empty if it attends to all
///     earlier ones
/// @param isRotated whether queries and keys get rotary positions
public record Sight(OptionalInt window, boolean isRotated) {}
