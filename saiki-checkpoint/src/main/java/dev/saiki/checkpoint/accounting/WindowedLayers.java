package dev.saiki.checkpoint.accounting;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.SlidingWindow;
import java.util.List;

/// The layers with a sliding window, for counting the keys outside the window.
///
/// @param size number of positions that a token sees, including its own
/// @param stepOf the recursion step of each layer with a window; -1 for a layer outside the recursion
record WindowedLayers(int size, List<Integer> stepOf) {

    private static final int OUTSIDE = -1;

    /// Finds the layers with a window; the result is empty for a model without a window.
    static WindowedLayers of(ModelConfig config) {
        return config.architecture()
                .slidingWindow()
                .map(window -> new WindowedLayers(window.size(), steps(config, window)))
                .orElseGet(() -> new WindowedLayers(Integer.MAX_VALUE, List.of()));
    }

    private static List<Integer> steps(ModelConfig config, SlidingWindow window) {
        return window.layers().stream().map(layer -> stepOf(config, layer)).toList();
    }

    private static int stepOf(ModelConfig config, int layer) {
        LayerMap map = config.layerMap();
        int index = layer - map.firstShared();
        if (index < 0 || layer >= map.endOfShared()) {
            return OUTSIDE;
        }
        return config.recursion()
                .map(recursion ->
                        recursion.sharing().isCycle() ? index / map.blockSize() : index % recursion.numRecursions())
                .orElse(0);
    }

    /// Counts the keys outside the window, summed over the tokens of a sequence.
    ///
    /// @param depths the number of recursions of each token
    /// @param sharing the rule for the keys and values that a step attends to
    long unseen(int[] depths, KeyValueSharing sharing) {
        long keys = 0;
        for (int step : stepOf) {
            boolean amongOwn = sharing == KeyValueSharing.NONE;
            int before = 0;
            int first = 0;
            for (int position = 0; position < depths.length; position++) {
                if (step != OUTSIDE && depths[position] <= step) {
                    continue;
                }
                // The tokens of this step that are now outside the window.
                for (; first <= position - size; first++) {
                    before += step == OUTSIDE || !amongOwn || depths[first] > step ? 1 : 0;
                }
                keys += before;
            }
        }
        return keys;
    }

    /// Tells whether the step of a windowed layer is outside the recursion.
    static boolean isOutside(int step) {
        return step == OUTSIDE;
    }
}
