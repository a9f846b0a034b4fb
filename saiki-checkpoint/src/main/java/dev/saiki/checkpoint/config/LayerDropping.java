package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.List;

/// The rule by which layers are given up when their number does not divide by the recursion steps.
public final class LayerDropping {

    private LayerDropping() {}

    /// Finds the largest number of layers, not above the given one, that divides.
    ///
    /// @param sharing which layers share weights
    /// @param layers unrolled layers wanted
    /// @param numRecursions recursion steps
    /// @return unrolled layers to build
    /// @throws InputException if not even one layer is left for each step
    public static int fittingLayers(ParameterSharing sharing, int layers, int numRecursions) {
        int ends = sharing.hasUnsharedEnds() ? 2 : 0;
        int blockSize = (layers - ends) / numRecursions;
        if (blockSize < 1) {
            throw ValueChecks.wrong(
                    "num_hidden_layers",
                    "at least " + (numRecursions + ends) + " with recursion.sharing " + sharing.key()
                            + " and recursion.num_recursions " + numRecursions,
                    layers);
        }
        return blockSize * numRecursions + ends;
    }

    /// Lists the layers of a larger model that are kept: spread evenly, rounded half to even; the middle kinds always
    /// keep the first and the last.
    ///
    /// @param sharing which layers share weights
    /// @param layers unrolled layers of the larger model
    /// @param numRecursions recursion steps
    /// @return indices into the larger model, rising, {@link #fittingLayers} of them
    /// @throws InputException if not even one layer is left for each step
    public static List<Integer> keptLayers(ParameterSharing sharing, int layers, int numRecursions) {
        int fitting = fittingLayers(sharing, layers, numRecursions);
        boolean ends = sharing.hasUnsharedEnds();
        List<Integer> kept = new ArrayList<>(fitting);
        if (ends) {
            kept.add(0);
            addSpread(kept, 1, layers - 2, fitting - 2);
            kept.add(layers - 1);
        } else {
            addSpread(kept, 0, layers - 1, fitting);
        }
        return List.copyOf(kept);
    }

    static void requireFitting(ParameterSharing sharing, int layers, int numRecursions) {
        int fitting = fittingLayers(sharing, layers, numRecursions);
        if (fitting != layers) {
            String what = sharing.hasUnsharedEnds() ? "2 plus a multiple of " : "a multiple of ";
            throw ValueChecks.wrong(
                    "num_hidden_layers",
                    what + "recursion.num_recursions (" + numRecursions + ") with recursion.sharing " + sharing.key()
                            + ", such as " + fitting + " or " + (fitting + numRecursions),
                    layers);
        }
    }

    /// Adds `count` whole numbers from `first` to `last`. Whole-number arithmetic, so that a half is exactly a half.
    private static void addSpread(List<Integer> kept, int first, int last, int count) {
        for (int i = 0; i < count; i++) {
            long gaps = count - 1L;
            kept.add(gaps == 0 ? first : roundHalfEven(first * gaps + (long) i * (last - first), gaps));
        }
    }

    private static int roundHalfEven(long numerator, long denominator) {
        long floor = numerator / denominator;
        long twiceRest = 2 * (numerator % denominator);
        boolean up = twiceRest > denominator || (twiceRest == denominator && floor % 2 == 1);
        return Math.toIntExact(up ? floor + 1 : floor);
    }
}
