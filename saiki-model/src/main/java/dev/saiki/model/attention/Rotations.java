package dev.saiki.model.attention;

import dev.saiki.tensor.Tensor;
import java.util.Optional;

/// The rotation angles of a set of tokens, and the factors that scale their queries.
///
/// @param usual the model's angles
/// @param ofWindows the angles in layers with a window, if they are apart
/// @param queryFactors `[n, 1, 1]`, the factors of the tokens' queries, if any is not 1
public record Rotations(
        RotaryEmbedding.Rotation usual, Optional<RotaryEmbedding.Rotation> ofWindows, Optional<Tensor> queryFactors) {}
