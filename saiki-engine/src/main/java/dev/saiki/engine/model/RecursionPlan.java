package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.SlidingWindow;
import dev.saiki.engine.cache.CacheShape;
import dev.saiki.engine.cache.VisibleKeys;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// The plan of a model's recursion: its passes.
///
/// With the cycle kinds of weight sharing, each recursion step is a pass over the same layers, so tokens at
/// different steps can share one pass. With the sequence kinds, which have no router, each layer is repeated
/// before the next one, so the whole recursion is one pass.
///
/// @param passes number of passes; a token's step is the number of passes that it has completed
/// @param layers layers of one pass
/// @param sharing source of the keys and values of later passes
/// @param numRecursions number of steps of a token at full depth
/// @param shape the stores that a sequence needs
record RecursionPlan(int passes, List<LayerUse> layers, KeyValueSharing sharing, int numRecursions, CacheShape shape) {

    /// One layer of a pass.
    ///
    /// @param unique index of the unique layer whose weights are used
    /// @param cacheLayer index of the layer in the store
    /// @param step recursion step of this layer if a pass contains several steps; otherwise 0
    /// @param reusesKeys whether the layer uses keys and values that an earlier layer of the same pass has stored
    record LayerUse(int unique, int cacheLayer, int step, boolean reusesKeys) {}

    static RecursionPlan of(ModelConfig config) {
        boolean cycle = config.recursion()
                .map(Recursion::sharing)
                .map(RecursionPlan::isCycle)
                .orElse(true);
        return cycle ? passForEachStep(config) : onePass(config);
    }

    /// The size of the window if every layer has a window; otherwise no window.
    private static int window(ModelConfig config) {
        return config.architecture()
                .slidingWindow()
                .filter(window -> window.layers().size() == config.numHiddenLayers())
                .map(SlidingWindow::size)
                .orElse(VisibleKeys.NO_WINDOW);
    }

    private static RecursionPlan passForEachStep(ModelConfig config) {
        LayerMap map = config.layerMap();
        List<LayerUse> uses = IntStream.range(0, map.blockSize())
                .mapToObj(layer -> new LayerUse(map.uniqueOf().get(map.firstShared() + layer), layer, 0, false))
                .toList();
        int steps = map.numRecursions();
        int stores = config.kvSharing() == KeyValueSharing.RECURSIVE ? 1 : steps;
        CacheShape shape = new CacheShape(
                map.blockSize(),
                stores,
                config.kvSharing() == KeyValueSharing.COMPLETION,
                map.entryLayers(),
                map.exitLayers(),
                window(config));
        return new RecursionPlan(steps, uses, config.kvSharing(), steps, shape);
    }

    private static RecursionPlan onePass(ModelConfig config) {
        LayerMap map = config.layerMap();
        boolean shares = config.kvSharing() == KeyValueSharing.RECURSIVE;
        List<LayerUse> uses = new ArrayList<>();
        Map<Integer, Integer> stored = new HashMap<>();
        int shared = map.blockSize() * map.numRecursions();
        for (int layer = 0; layer < shared; layer++) {
            int unique = map.uniqueOf().get(map.firstShared() + layer);
            boolean reuses = shares && stored.containsKey(unique);
            int cacheLayer = shares ? stored.computeIfAbsent(unique, _ -> stored.size()) : layer;
            uses.add(new LayerUse(unique, cacheLayer, layer % map.numRecursions(), reuses));
        }
        CacheShape shape = new CacheShape(
                shares ? stored.size() : shared, 1, false, map.entryLayers(), map.exitLayers(), window(config));
        return new RecursionPlan(1, uses, KeyValueSharing.NONE, map.numRecursions(), shape);
    }

    /// Whether one pass contains all steps of a token.
    boolean holdsAllStepsInOnePass() {
        return passes == 1 && numRecursions > 1;
    }

    private static boolean isCycle(ParameterSharing sharing) {
        return switch (sharing) {
            case CYCLE, MIDDLE_CYCLE -> true;
            case SEQUENCE, MIDDLE_SEQUENCE -> false;
        };
    }
}
