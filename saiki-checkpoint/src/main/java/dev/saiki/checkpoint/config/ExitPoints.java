package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;
import java.util.List;
import java.util.stream.IntStream;

/// The places between layers at which a token of a model that was trained without exits may leave it.
///
/// @param afterLayers unrolled layers that a token has passed at each place: rising, from 1, fewer than the model has
/// @param throughLastLayer whether a token that left passes the unshared last layer all the same, as every token of a
///     routed model does
public record ExitPoints(List<Integer> afterLayers, boolean throughLastLayer) {

    /// Checks that there are places, and that they rise.
    public ExitPoints {
        afterLayers = List.copyOf(afterLayers);
        if (afterLayers.isEmpty()) {
            throw new IllegalArgumentException("a model without a place to leave at");
        }
        for (int place = 0; place < afterLayers.size(); place++) {
            int least = place == 0 ? 1 : afterLayers.get(place - 1) + 1;
            if (afterLayers.get(place) < least) {
                throw new IllegalArgumentException("places must rise from 1, got " + afterLayers);
            }
        }
    }

    /// Finds the places of a model: after each layer of a vanilla model; after each recursion, if a block is
    /// repeated; after the last use of each stored layer, if layers are repeated in place.
    ///
    /// @param config the model, without routing
    /// @param every takes every so many of these places, from 1 to {@link ModelConfig#MAX_LAYERS}
    /// @param skipLastLayer whether a token that left skips an unshared last layer too, which it otherwise passes
    /// @return the places
    /// @throws InputException if the model is routed or has no such place
    public static ExitPoints of(ModelConfig config, int every, boolean skipLastLayer) {
        if (config.isRouted()) {
            throw new InputException("early exits are for models in which every token takes every layer; this one has"
                    + " routing.type " + config.routing().key());
        }
        ValueChecks.range("early exits: every", every, 1, ModelConfig.MAX_LAYERS);
        LayerMap map = config.layerMap();
        boolean throughLastLayer = map.hasUnsharedEnds() && !skipLastLayer;
        int last = map.numUnrolled() - (throughLastLayer ? 2 : 1);
        int layers = every * layersBetween(config, map);
        List<Integer> places = IntStream.iterate(map.firstShared() + layers, at -> at + layers)
                .takeWhile(at -> at <= last)
                .boxed()
                .toList();
        if (places.isEmpty()) {
            throw new InputException("early exits: tokens would leave after every " + layers
                    + " layers, and the model has no more than " + map.numUnrolled());
        }
        return new ExitPoints(places, throughLastLayer);
    }

    private static int layersBetween(ModelConfig config, LayerMap map) {
        return config.recursion()
                .map(recursion -> recursion.sharing().isCycle() ? map.blockSize() : map.numRecursions())
                .orElse(1);
    }

    /// Tells whether a token that left takes a layer all the same.
    ///
    /// @param layer an unrolled layer
    /// @param numLayers unrolled layers of the model
    /// @return true for the last layer, if everyone passes it
    public boolean isForEveryone(int layer, int numLayers) {
        return throughLastLayer && layer == numLayers - 1;
    }

    /// Counts the layers that a token passes.
    ///
    /// @param leftAfter layers it had passed when it left, or those of the model if it did not leave
    /// @param numLayers unrolled layers of the model
    /// @return unrolled layers
    public int layersPassed(int leftAfter, int numLayers) {
        return throughLastLayer && leftAfter < numLayers ? leftAfter + 1 : leftAfter;
    }

    /// Counts the layers that every token passes: those of a token that leaves at the first place.
    ///
    /// @param numLayers unrolled layers of the model
    /// @return unrolled layers
    public int fewestLayers(int numLayers) {
        return layersPassed(afterLayers.getFirst(), numLayers);
    }
}
