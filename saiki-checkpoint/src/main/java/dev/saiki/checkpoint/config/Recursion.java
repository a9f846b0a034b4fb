package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.Check;

/// How often the shared block is applied and how its layers are laid out.
///
/// @param sharing which unrolled layers share weights
/// @param numRecursions recursion steps, at least 1
public record Recursion(ParameterSharing sharing, int numRecursions) {

    /// Checks the number of steps.
    public Recursion {
        Check.range("recursion.num_recursions", numRecursions, 1, ModelConfig.MAX_LAYERS);
    }
}
