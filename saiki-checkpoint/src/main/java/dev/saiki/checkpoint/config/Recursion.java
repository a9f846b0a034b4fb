package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.Problems;

/// The number of times that the shared block is applied, and the layout of its layers.
///
/// @param sharing which unrolled layers share weights
/// @param numRecursions recursion steps, at least 1
/// @param entryLayers layers with weights of their own before the recursion: at least 1 with the middle kinds, 0 with
///     the others
/// @param exitLayers layers with weights of their own after the recursion, as many as may stand before it
public record Recursion(ParameterSharing sharing, int numRecursions, int entryLayers, int exitLayers) {

    /// Checks the numbers.
    public Recursion {
        Problems.requireAll(
                () -> ValueChecks.range("recursion.num_recursions", numRecursions, 1, ModelConfig.MAX_LAYERS),
                () -> requireEnd("recursion.entry_layers", entryLayers, sharing),
                () -> requireEnd("recursion.exit_layers", exitLayers, sharing));
    }

    /// Makes a recursion with the usual ends: one layer each with the middle kinds, none with the others.
    ///
    /// @param sharing which unrolled layers share weights
    /// @param numRecursions recursion steps, at least 1
    public Recursion(ParameterSharing sharing, int numRecursions) {
        this(sharing, numRecursions, sharing.usualUnsharedLayers(), sharing.usualUnsharedLayers());
    }

    private static void requireEnd(String key, int layers, ParameterSharing sharing) {
        if (sharing.hasUnsharedEnds()) {
            ValueChecks.range(key, layers, 1, ModelConfig.MAX_LAYERS);
        } else if (layers != 0) {
            throw ValueChecks.wrong(
                    key, "absent with recursion.sharing " + sharing.key() + ", which shares all layers", layers);
        }
    }

    /// Counts the layers outside the recursion.
    ///
    /// @return those before and those after it
    public int unsharedLayers() {
        return entryLayers + exitLayers;
    }

    /// Tells whether the ends are the usual ones, which a configuration does not state.
    ///
    /// @return true with one layer at each end of a middle kind, and with every other kind
    public boolean hasUsualEnds() {
        int usual = sharing.usualUnsharedLayers();
        return entryLayers == usual && exitLayers == usual;
    }
}
