package dev.saiki.checkpoint.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// A map from each unrolled layer to the unique layer whose weights it uses.
///
/// Unique layers are numbered in order of first use, so unshared layers after the recursion have the highest
/// numbers.
///
/// @param uniqueOf the unique layer of each unrolled layer
/// @param numUnique distinct layers
/// @param numRecursions recursion steps; 1 for vanilla
/// @param firstShared index of the first recursive layer among the unrolled layers, which is the number of
///     layers before it
/// @param blockSize number of layers in one recursion step
public record LayerMap(List<Integer> uniqueOf, int numUnique, int numRecursions, int firstShared, int blockSize) {

    /// Copies the list.
    public LayerMap {
        uniqueOf = List.copyOf(uniqueOf);
    }

    /// Creates the map of a model without recursion: every layer has its own weights.
    ///
    /// @param layers number of layers
    /// @return the map
    public static LayerMap vanilla(int layers) {
        return new LayerMap(IntStream.range(0, layers).boxed().toList(), layers, 1, 0, layers);
    }

    /// Creates the map of a recursive model.
    ///
    /// @param recursion the recursion's shape
    /// @param numHiddenLayers number of unrolled layers; the number between the unshared ends must be a
    ///     multiple of the number of recursion steps
    /// @return the map
    /// @throws dev.saiki.io.InputException if the layers cannot be divided evenly; {@link LayerDropping} finds a
    ///     number that can
    public static LayerMap of(Recursion recursion, int numHiddenLayers) {
        LayerDropping.requireFitting(recursion, numHiddenLayers);
        int first = recursion.entryLayers();
        int numRecursions = recursion.numRecursions();
        int blockSize = (numHiddenLayers - recursion.unsharedLayers()) / numRecursions;
        Map<Integer, Integer> numbers = new HashMap<>();
        List<Integer> uniqueOf = new ArrayList<>(numHiddenLayers);
        for (int layer = 0; layer < numHiddenLayers; layer++) {
            boolean outside = layer < first || layer >= first + blockSize * numRecursions;
            int owner = outside ? layer : first + ownerOf(layer - first, recursion, blockSize);
            Integer number = numbers.computeIfAbsent(owner, unseen -> numbers.size());
            uniqueOf.add(number);
        }
        return new LayerMap(uniqueOf, numbers.size(), numRecursions, first, blockSize);
    }

    /// Finds the first layer that uses the same weights; both indices are relative to the start of the recursion.
    private static int ownerOf(int layer, Recursion recursion, int blockSize) {
        return switch (recursion.sharing()) {
            case CYCLE, MIDDLE_CYCLE -> layer % blockSize;
            case SEQUENCE, MIDDLE_SEQUENCE -> layer / recursion.numRecursions() * recursion.numRecursions();
        };
    }

    /// Returns the end of the recursion.
    ///
    /// @return the index after the last unrolled layer of the recursion
    public int endOfShared() {
        return firstShared + blockSize * numRecursions;
    }

    /// Counts the layers before the recursion.
    ///
    /// @return 0 without unshared ends
    public int entryLayers() {
        return firstShared;
    }

    /// Counts the layers after the recursion.
    ///
    /// @return 0 without unshared ends
    public int exitLayers() {
        return numUnrolled() - endOfShared();
    }

    /// Counts the layers outside the recursion, which every token passes.
    ///
    /// @return the number of layers before and after the recursion; 0 for a model without recursion
    public int unsharedLayers() {
        return entryLayers() + exitLayers();
    }

    /// Counts the unrolled layers.
    ///
    /// @return number of layers that a token at full depth passes
    public int numUnrolled() {
        return uniqueOf.size();
    }
}
