package dev.saiki.model.attention;

import java.util.Optional;

/// The angles of a set of tokens in all layers.
///
/// @param usual the model's angles
/// @param ofWindows the angles in layers with a window, if they are apart
public record Rotations(RotaryEmbedding.Rotation usual, Optional<RotaryEmbedding.Rotation> ofWindows) {}
