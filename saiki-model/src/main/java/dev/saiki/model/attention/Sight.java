package dev.saiki.model.attention;

import java.util.OptionalInt;

/// The positions that a layer's tokens attend to.
///
/// @param window the number of positions that a token attends to, including its own; empty if the token
///     attends to all earlier positions
/// @param isRotated whether queries and keys get rotary positions
public record Sight(OptionalInt window, boolean isRotated) {}
