package dev.saiki.checkpoint.adapter;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;

/// The names and shapes of an adapter's matrices, and the maps that can have an update.
///
/// These are all maps of the layers except those of experts, but not the embedding, the head and the routers. A layer
/// shared by several recursion steps has one update for all of them.
public final class AdapterTensors {

    private static final String WEIGHT = "_proj.weight";
    private static final String DOWN = ParameterNames.LORA_A;
    private static final String UP = ParameterNames.LORA_B;

    private AdapterTensors() {}

    /// Lists the linear maps of a model that can have an update.
    ///
    /// @param model the model's configuration
    /// @return the shape `[out, in]` of each map, by name without `.weight`
    public static SequencedMap<String, List<Long>> maps(ModelConfig model) {
        SequencedMap<String, List<Long>> maps = new LinkedHashMap<>();
        ParameterNames.parameters(model).forEach((name, shape) -> {
            if (name.endsWith(WEIGHT) && !name.contains(ParameterNames.EXPERTS)) {
                maps.put(name.substring(0, name.length() - ".weight".length()), shape);
            }
        });
        return Collections.unmodifiableSequencedMap(maps);
    }

    /// Names the first matrix of an update, A.
    ///
    /// @param map name of the map
    /// @return the tensor's name
    public static String down(String map) {
        return map + DOWN;
    }

    /// Names the second matrix of an update, B.
    ///
    /// @param map name of the map
    /// @return the tensor's name
    public static String up(String map) {
        return map + UP;
    }

    /// Tells whether a tensor is the first matrix of an update, which is initialised randomly.
    ///
    /// @param name the tensor's name
    /// @return whether the tensor is an A
    public static boolean isDown(String name) {
        return name.endsWith(DOWN);
    }

    /// Tells whether a tensor is the second matrix of an update, which is initialised to zero.
    ///
    /// @param name the tensor's name
    /// @return whether the tensor is a B
    public static boolean isUp(String name) {
        return name.endsWith(UP);
    }

    /// Returns the map to which a first matrix belongs.
    static String mapOfDown(String name) {
        return name.substring(0, name.length() - DOWN.length());
    }

    /// Lists the matrices of an adapter.
    ///
    /// @param model the base
    /// @param adapter the adapter, all of whose maps must be maps of the base
    /// @return name to shape, in the order of the adapter's maps
    public static SequencedMap<String, List<Long>> of(ModelConfig model, AdapterConfig adapter) {
        SequencedMap<String, List<Long>> maps = maps(model);
        SequencedMap<String, List<Long>> shapes = new LinkedHashMap<>();
        long rank = adapter.rank();
        for (String map : adapter.maps()) {
            List<Long> shape = Objects.requireNonNull(maps.get(map), map);
            shapes.put(down(map), List.of(rank, shape.getLast()));
            shapes.put(up(map), List.of(shape.getFirst(), rank));
        }
        return Collections.unmodifiableSequencedMap(shapes);
    }
}
