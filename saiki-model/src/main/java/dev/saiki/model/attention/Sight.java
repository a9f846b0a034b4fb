package dev.saiki.model.attention;

import java.util.OptionalInt;

/// The positions that a layer's tokens see.
///
/// @param window positions that a token sees, its own included; empty if it sees all before it
/// @param isRotated whether queries and keys are rotated by their positions
public record Sight(OptionalInt window, boolean isRotated) {}
