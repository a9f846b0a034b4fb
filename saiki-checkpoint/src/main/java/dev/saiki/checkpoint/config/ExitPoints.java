package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;
import java.util.List;
import java.util.stream.IntStream;

/// The layers after which a token may exit a model that was trained without exits.
///
/// @param afterLayers the number of unrolled layers before each exit: ascending, at least 1, less than the number
///     of all layers
/// @param layersForEveryone the number of last layers that a token passes even after it has exited: 0, or the
///     number of unshared last layers, which every token of a routed model passes too
public record ExitPoints(List<Integer> afterLayers, int layersForEveryone) {

    /// Checks that there is at least one exit, and that the exits ascend.
    public ExitPoints {
        afterLayers = List.copyOf(afterLayers);
        if (afterLayers.isEmpty()) {
            throw new IllegalArgumentException("no layers after which a token may exit");
        }
        for (int place = 0; place < afterLayers.size(); place++) {
            int min = place == 0 ? 1 : afterLayers.get(place - 1) + 1;
            if (afterLayers.get(place) < min) {
                throw new IllegalArgumentException("the exits must ascend from 1, got " + afterLayers);
            }
        }
    }

    /// Finds the exits of a model: in a vanilla model after each layer; if a block is repeated, after each
    /// repetition; if layers are repeated in place, after the last use of each stored layer.
    ///
    /// @param config the model, without routing
    /// @param every n, where only every n-th exit is used; from 1 to {@link ModelConfig#MAX_LAYERS}
    /// @param skipLastLayer whether an exited token also skips the unshared last layers
    /// @return the exits
    /// @throws InputException if the model is routed, has step gates or injection, or has no exit at this interval
    public static ExitPoints of(ModelConfig config, int every, boolean skipLastLayer) {
        if (config.isRouted()) {
            throw new InputException("early exits are for models in which every token takes every layer; this one has"
                    + " routing.type " + config.routing().key());
        }
        if (config.hasStepGates()) {
            throw new InputException(
                    "early exits are for models without step gates; this one has" + " recursion.step_gates");
        }
        if (config.recursion().map(Recursion::injection).orElse(false)) {
            throw new InputException(
                    "early exits are for models without injection into steps; this one has" + " recursion.injection");
        }
        ValueChecks.range("early exits: every", every, 1, ModelConfig.MAX_LAYERS);
        LayerMap map = config.layerMap();
        int last = Math.min(map.numUnrolled() - 1, skipLastLayer ? map.endOfShared() : map.endOfShared() - 1);
        int layers = every * layersBetween(config, map);
        List<Integer> places = IntStream.iterate(map.firstShared() + layers, at -> at + layers)
                .takeWhile(at -> at <= last)
                .boxed()
                .toList();
        if (places.isEmpty()) {
            throw new InputException("early exits: tokens would exit after every " + layers
                    + " layers, but the model has only " + map.numUnrolled());
        }
        return new ExitPoints(places, skipLastLayer ? 0 : map.exitLayers());
    }

    private static int layersBetween(ModelConfig config, LayerMap map) {
        return config.recursion()
                .map(recursion -> recursion.sharing().isCycle() ? map.blockSize() : map.numRecursions())
                .orElse(1);
    }

    /// Tells whether an exited token still passes the unshared last layers.
    ///
    /// @return false if the token skips these layers, or if there are none
    public boolean throughLastLayer() {
        return layersForEveryone > 0;
    }

    /// Tells whether an exited token still passes a layer.
    ///
    /// @param layer an unrolled layer
    /// @param numLayers unrolled layers of the model
    /// @return true for the last layers if all tokens pass them
    public boolean isForEveryone(int layer, int numLayers) {
        return layer >= numLayers - layersForEveryone;
    }

    /// Counts the layers that a token passes.
    ///
    /// @param leftAfter the number of layers that the token passed before the exit, or the number of all
    ///     layers if it did not exit
    /// @param numLayers unrolled layers of the model
    /// @return unrolled layers
    public int layersPassed(int leftAfter, int numLayers) {
        return leftAfter < numLayers ? leftAfter + layersForEveryone : leftAfter;
    }

    /// Counts the layers that every token passes, that is, those that a token passes if it leaves at the
    /// first exit.
    ///
    /// @param numLayers unrolled layers of the model
    /// @return unrolled layers
    public int fewestLayers(int numLayers) {
        return layersPassed(afterLayers.getFirst(), numLayers);
    }
}
