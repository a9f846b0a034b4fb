package dev.saiki.checkpoint.accounting;

import dev.saiki.checkpoint.config.ExitPoints;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import java.util.List;
import java.util.stream.IntStream;

/// The exact cost of one sequence whose tokens exit between layers, counted in the same way as in
/// {@link SequenceCost}.
///
/// At every layer that a token skips, its last state is still projected to keys and values for later tokens, if
/// the layer has projections of its own. The cost of an exit decision depends on the confidence measure:
/// {@link #flopsWithHeadChecks} or {@link #flopsWithStateChecks}.
///
/// @param layerFlops FLOPs of the linear maps of the layers that tokens pass
/// @param attentionFlops FLOPs of scores and weighted sums in these layers
/// @param copiedFlops FLOPs of keys and values computed from the states of exited tokens
/// @param headFlops FLOPs of the head, once for each prediction
/// @param checks the number of exit decisions
/// @param answered the number of predictions for which an exit check has already computed the head
/// @param flopsOfHead FLOPs of the head for one token
/// @param flopsOfState FLOPs of comparing two states of one token
/// @param layersPassed number of unrolled layers passed, summed over the tokens
public record EarlyExitCost(
        long layerFlops,
        long attentionFlops,
        long copiedFlops,
        long headFlops,
        long checks,
        long answered,
        long flopsOfHead,
        long flopsOfState,
        long layersPassed) {

    /// Counts a sequence.
    ///
    /// @param config the model, without routing
    /// @param points the exits of the model
    /// @param leftAfter number of layers that each token passed before it exited, by position; the number of
    ///     all layers if the token did not exit
    /// @param predictions number of positions at the end whose logits were computed
    /// @return the cost
    public static EarlyExitCost of(ModelConfig config, ExitPoints points, int[] leftAfter, int predictions) {
        LayerMap map = config.layerMap();
        int numLayers = map.numUnrolled();
        List<Integer> firstUses = firstUses(map);
        long layers = leftAfter.length * SequenceCost.projection(config);
        long keys = 0;
        long copied = 0;
        long checks = 0;
        long answered = 0;
        long passed = 0;
        for (int position = 0; position < leftAfter.length; position++) {
            int left = leftAfter[position];
            for (int layer = 0; layer < numLayers; layer++) {
                boolean ownKeys = config.kvSharing() == KeyValueSharing.NONE || firstUses.contains(layer);
                if (layer < left || points.isForEveryone(layer, numLayers)) {
                    layers += SequenceCost.linear(config, ownKeys) + SequenceCost.lowRank(config, stepOf(layer, map));
                    keys += Math.min(
                            position + 1, config.architecture().windowOf(layer).orElse(Integer.MAX_VALUE));
                    passed++;
                } else {
                    copied += ownKeys ? SequenceCost.keysAndValues(config, stepOf(layer, map)) : 0;
                }
            }
            checks += points.afterLayers().stream().filter(at -> at <= left).count();
            boolean predicts = position >= leftAfter.length - predictions;
            answered += predicts && left < numLayers && !points.throughLastLayer() ? 1 : 0;
        }
        long head = SequenceCost.head(config);
        return new EarlyExitCost(
                layers,
                SequenceCost.attention(config, keys),
                copied,
                predictions * head,
                checks,
                answered,
                head,
                // A dot product and two squared norms.
                6L * config.hiddenSize(),
                passed);
    }

    private static List<Integer> firstUses(LayerMap map) {
        return IntStream.range(0, map.numUnrolled())
                .filter(layer -> map.uniqueOf().indexOf(map.uniqueOf().get(layer)) == layer)
                .boxed()
                .toList();
    }

    /// The recursion step of a layer if whole blocks are repeated; irrelevant for the other kinds of sharing, in
    /// which steps have no parameters of their own.
    private static int stepOf(int layer, LayerMap map) {
        return layer < map.firstShared() || layer >= map.endOfShared()
                ? 0
                : (layer - map.firstShared()) / map.blockSize();
    }

    /// Sums the cost of the model itself, without exit decisions.
    ///
    /// @return FLOPs
    public long flops() {
        return layerFlops + attentionFlops + copiedFlops + headFlops;
    }

    /// Adds the cost of the head at every check. For an exited token the last check is also its prediction, which
    /// is not counted twice.
    ///
    /// @return FLOPs
    public long flopsWithHeadChecks() {
        return flops() + (checks - answered) * flopsOfHead;
    }

    /// Adds the cost of comparing two states at every check.
    ///
    /// @return FLOPs
    public long flopsWithStateChecks() {
        return flops() + checks * flopsOfState;
    }
}
