package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

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

    /// Lists the layers of a larger model that are kept; they are evenly spaced, and positions are rounded half to
    /// even. With sharing `middle_cycle` or `middle_sequence`, the unshared layers at both ends are always kept.
    ///
    /// @param recursion the recursion's shape
    /// @param layers unrolled layers of the larger model
    /// @return indices into the larger model, ascending, {@link #fittingLayers} of them
    /// @throws InputException if fewer than one layer remains for each step
    public static List<Integer> keptLayers(Recursion recursion, int layers) {
        int fitting = fittingLayers(recursion, layers);
        int first = recursion.entryLayers();
        int end = layers - recursion.exitLayers();
        List<Integer> kept = new ArrayList<>(fitting);
        IntStream.range(0, first).forEach(kept::add);
        addSpread(kept, first, end - 1, fitting - recursion.unsharedLayers());
        IntStream.range(end, layers).forEach(kept::add);
        return List.copyOf(kept);
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

    /// Adds `count` whole numbers evenly spaced from `first` to `last`. Integer arithmetic represents a half
    /// exactly.
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
