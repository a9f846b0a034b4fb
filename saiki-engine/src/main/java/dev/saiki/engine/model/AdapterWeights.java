package dev.saiki.engine.model;

import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.checkpoint.adapter.AdapterTensors;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.engine.kernel.LowRankMatrix;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// The low-rank updates of an adapter, which are added to the products of its base.
///
/// @param reading number assigned when the adapter was read, unique in this process; it identifies keys and values
///     that were computed with the adapter
/// @param layers updates of each unique layer, by linear map
public record AdapterWeights(long reading, List<Map<Place, List<LowRankMatrix>>> layers) {

    /// A linear map of a layer. Maps that the engine multiplies together count as one.
    enum Place {
        QUERY,
        KEY_VALUE,
        OUTPUT,
        GATE_UP,
        DOWN;

        /// The names of the maps that are multiplied together, in the order of their outputs.
        List<String> maps() {
            return switch (this) {
                case QUERY -> List.of("self_attn.q_proj");
                case KEY_VALUE -> List.of("self_attn.k_proj", "self_attn.v_proj");
                case OUTPUT -> List.of("self_attn.o_proj");
                case GATE_UP -> List.of("mlp.gate_proj", "mlp.up_proj");
                case DOWN -> List.of("mlp.down_proj");
            };
        }
    }

    /// Makes a defensive copy of the list.
    public AdapterWeights {
        layers = List.copyOf(layers);
    }

    /// Reads an adapter.
    ///
    /// @param adapter an adapter that was made for the model
    /// @param model the base
    /// @return the adapter's updates
    public static AdapterWeights read(AdapterDirectory adapter, ModelConfig model) {
        Map<String, List<Long>> maps = AdapterTensors.maps(model);
        List<Map<Place, List<LowRankMatrix>>> layers = new ArrayList<>();
        for (int layer = 0; layer < model.layerMap().numUnique(); layer++) {
            Map<Place, List<LowRankMatrix>> places = new EnumMap<>(Place.class);
            for (Place place : Place.values()) {
                List<LowRankMatrix> updates = new ArrayList<>();
                int next = 0;
                for (String map : place.maps()) {
                    String name = "model.layers." + layer + "." + map;
                    if (adapter.config().maps().contains(name)) {
                        updates.add(update(adapter, name, next));
                    }
                    next += Math.toIntExact(maps.getOrDefault(name, List.of(0L)).getFirst());
                }
                places.put(place, List.copyOf(updates));
            }
            layers.add(places);
        }
        adapter.tensors().values().forEach(StoredTensor::unload);
        return new AdapterWeights(EngineWeights.nextReading(), layers);
    }

    private static LowRankMatrix update(AdapterDirectory adapter, String map, int firstOutput) {
        return LowRankMatrix.of(
                EngineWeights.require(adapter.tensors(), AdapterTensors.down(map))
                        .toFloats(),
                EngineWeights.require(adapter.tensors(), AdapterTensors.up(map)).toFloats(),
                adapter.config().rank(),
                adapter.config().scale(),
                firstOutput);
    }

    /// The updates of one map; empty if the adapter does not change that map.
    List<LowRankMatrix> of(int uniqueLayer, Place place) {
        return layers.get(uniqueLayer).getOrDefault(place, List.of());
    }

    /// Returns the memory of the updates.
    ///
    /// @return bytes
    public long bytes() {
        return layers.stream()
                .flatMap(layer -> layer.values().stream())
                .flatMap(List::stream)
                .mapToLong(LowRankMatrix::bytes)
                .sum();
    }
}
