package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.ValueChecks;

/// The number of times that the shared block is applied, and the layout of its layers.
///
/// @param sharing which unrolled layers share weights
/// @param numRecursions recursion steps, at least 1
public record Recursion(ParameterSharing sharing, int numRecursions) {

    /// Checks the number of steps.
    public Recursion {
        ValueChecks.range("recursion.num_recursions", numRecursions, 1, ModelConfig.MAX_LAYERS);
    }
}
