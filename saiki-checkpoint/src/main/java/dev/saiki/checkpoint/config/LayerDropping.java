package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;

/// The rule that drops layers to make their number divisible by the number of recursion steps.
public final class LayerDropping {

    private LayerDropping() {}

    /// Finds the largest valid number of layers that does not exceed the given one.
    ///
    /// @param recursion the recursion's shape
    /// @param layers the requested number of unrolled layers
    /// @return unrolled layers to build
    /// @throws InputException if fewer than one layer remains for each step
    public static int fittingLayers(Recursion recursion, int layers) {
        int ends = recursion.unsharedLayers();
        int numRecursions = recursion.numRecursions();
        int blockSize = (layers - ends) / numRecursions;
        if (blockSize < 1) {
            throw ValueChecks.wrong(
                    "num_hidden_layers",
                    "at least " + (numRecursions + ends) + " with recursion.sharing " + kind(recursion)
                            + " and recursion.num_recursions " + numRecursions,
                    layers);
        }
        return blockSize * numRecursions + ends;
    }

    static void requireFitting(Recursion recursion, int layers) {
        int fitting = fittingLayers(recursion, layers);
        int numRecursions = recursion.numRecursions();
        if (fitting != layers) {
            int ends = recursion.unsharedLayers();
            String what = ends > 0 ? ends + " plus a multiple of " : "a multiple of ";
            throw ValueChecks.wrong(
                    "num_hidden_layers",
                    what + "recursion.num_recursions (" + numRecursions + ") with recursion.sharing " + kind(recursion)
                            + ", such as " + fitting + " or " + (fitting + numRecursions),
                    layers);
        }
    }

    private static String kind(Recursion recursion) {
        String ends = recursion.hasUsualEnds()
                ? ""
                : ", " + recursion.entryLayers() + " entry layers and " + recursion.exitLayers() + " exit layers";
        return recursion.sharing().key() + ends;
    }
}
