package dev.saiki.checkpoint.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// A map from each unrolled layer to the unique layer whose weights it uses.
///
/// Unique layers are numbered in order of first use, so the last layer of a middle kind is the last unique one.
///
/// @param uniqueOf unrolled layer to unique layer
/// @param numUnique distinct layers
/// @param numRecursions recursion steps; 1 for vanilla
/// @param firstShared unrolled index at which the recursion starts: 1 with unshared ends, otherwise 0
/// @param blockSize layers that one recursion step runs
public record LayerMap(List<Integer> uniqueOf, int numUnique, int numRecursions, int firstShared, int blockSize) {

    /// Keeps its own copy of the list.
    public LayerMap {
        uniqueOf = List.copyOf(uniqueOf);
    }

    /// Makes the map of a model without recursion: every layer is its own.
    ///
    /// @param layers number of layers
    /// @return the map
    public static LayerMap vanilla(int layers) {
        return new LayerMap(IntStream.range(0, layers).boxed().toList(), layers, 1, 0, layers);
    }

    /// Makes the map of a recursive model.
    ///
    /// @param sharing which layers share weights
    /// @param numHiddenLayers unrolled layers L; L, or L - 2 for the middle kinds, is divisible by `numRecursions`
    /// @param numRecursions recursion steps
    /// @return the map
    /// @throws dev.saiki.io.InputException if the layers cannot be divided; {@link LayerDropping} finds a
    ///     number that can
    public static LayerMap of(ParameterSharing sharing, int numHiddenLayers, int numRecursions) {
        LayerDropping.requireFitting(sharing, numHiddenLayers, numRecursions);
        int first = sharing.hasUnsharedEnds() ? 1 : 0;
        int blockSize = (numHiddenLayers - 2 * first) / numRecursions;
        Map<Integer, Integer> numbers = new HashMap<>();
        List<Integer> uniqueOf = new ArrayList<>(numHiddenLayers);
        for (int layer = 0; layer < numHiddenLayers; layer++) {
            int owner = ownerOf(layer, sharing, numHiddenLayers, numRecursions, blockSize);
            Integer number = numbers.computeIfAbsent(owner, unseen -> numbers.size());
            uniqueOf.add(number);
        }
        return new LayerMap(uniqueOf, numbers.size(), numRecursions, first, blockSize);
    }

    /// Finds the first unrolled layer that uses the same weights.
    private static int ownerOf(int layer, ParameterSharing sharing, int layers, int recursions, int blockSize) {
        return switch (sharing) {
            case CYCLE -> layer % blockSize;
            case SEQUENCE -> layer / recursions * recursions;
            case MIDDLE_CYCLE -> layer == 0 || layer == layers - 1 ? layer : (layer - 1) % blockSize + 1;
            case MIDDLE_SEQUENCE ->
                layer == 0 || layer == layers - 1 ? layer : (layer - 1) / recursions * recursions + 1;
        };
    }

    /// Tells whether the first and the last layer stand outside the recursion.
    ///
    /// @return true for the middle kinds
    public boolean hasUnsharedEnds() {
        return firstShared == 1;
    }

    /// Counts the unrolled layers.
    ///
    /// @return layers that a token at full depth passes
    public int numUnrolled() {
        return uniqueOf.size();
    }
}
