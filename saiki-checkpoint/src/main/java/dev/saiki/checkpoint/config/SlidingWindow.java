package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;
import java.util.List;
import java.util.stream.IntStream;

/// The sliding window of some layers.
///
/// @param size number of positions that a token sees, including its own
/// @param layers unrolled layers with the window, ascending, at least one
public record SlidingWindow(int size, List<Integer> layers) {

    /// Copies the list, and checks the size and the order of the layers.
    public SlidingWindow {
        ValueChecks.range("sliding_window", size, 1, Integer.MAX_VALUE);
        layers = rising("sliding_window", layers);
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("a sliding window needs at least one layer");
        }
    }

    /// Creates a window over consecutive layers.
    ///
    /// @param size number of positions that a token sees, including its own
    /// @param from first layer
    /// @param to index after the last layer
    /// @return the window
    public static SlidingWindow ofLayers(int size, int from, int to) {
        return new SlidingWindow(size, IntStream.range(from, to).boxed().toList());
    }

    /// Copies a list of layers, which must ascend.
    static List<Integer> rising(String key, List<Integer> layers) {
        for (int i = 1; i < layers.size(); i++) {
            InputException.require(layers.get(i) > layers.get(i - 1), key, "an ascending list of layers", layers);
        }
        return List.copyOf(layers);
    }
}
