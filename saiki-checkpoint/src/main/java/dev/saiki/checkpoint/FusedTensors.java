package dev.saiki.checkpoint;

import dev.saiki.checkpoint.config.Experts;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.io.InputException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Tensors in which other tools store several of a layer's maps, or one under another name. In a checkpoint the maps
/// are separate and have the same names in all families.
public final class FusedTensors {

    private static final Pattern IN_LAYER =
            Pattern.compile("(model\\.layers\\.[0-9]{1,5}\\.)([a-z0-9_.]+)(\\.weight|\\.bias)");

    private static final String GATE = "mlp.gate";

    /// The name of a tensor in a layer.
    private record Place(String layer, String map, String kind) {
        static Optional<Place> of(String name) {
            Matcher matcher = IN_LAYER.matcher(name);
            return matcher.matches()
                    ? Optional.of(new Place(matcher.group(1), matcher.group(2), matcher.group(3)))
                    : Optional.empty();
        }

        String nameOf(String other) {
            return layer + other + kind;
        }
    }

    /// A tensor of another tool.
    ///
    /// @param map the tensor's name without the layer's prefix
    /// @param parts the maps whose rows it has, from the first row to the last
    /// @param experts the first of its three sizes; 0 for a matrix
    private record Whole(String map, List<String> parts, int experts) {
        static Whole matrix(String map, String... parts) {
            return new Whole(map, List.of(parts), 0);
        }

        /// A tensor of all experts' maps, expert after expert.
        static Whole stack(String map, Experts experts, String... parts) {
            List<String> all = IntStream.range(0, experts.count())
                    .boxed()
                    .flatMap(expert -> Stream.of(parts).map(part -> ofExpert(expert, part)))
                    .toList();
            return new Whole(map, all, experts.count());
        }
    }

    private static String ofExpert(int expert, String map) {
        return ParameterNames.EXPERTS + expert + "." + map;
    }

    /// The tool whose names and shapes other tensors have.
    public enum Layout {
        /// Hugging Face's class of the family.
        HUGGING_FACE,
        /// llama.cpp, with the names of {@link #HUGGING_FACE} for maps outside experts, and all experts' maps of a
        /// kind in one tensor.
        GGUF
    }

    /// Tensors that become one.
    ///
    /// @param name the name of the fused tensor, or of the only part
    /// @param parts the parts from the first row to the last
    /// @param experts the first of the fused tensor's three sizes; 0 if it has no more sizes than its parts
    public record Group(String name, List<StoredTensor> parts, int experts) {

        /// Copies the list.
        public Group {
            parts = List.copyOf(parts);
        }

        /// Makes a group of one tensor.
        ///
        /// @param tensor the tensor
        public Group(StoredTensor tensor) {
            this(tensor.name(), List.of(tensor), 0);
        }

        /// Returns the number format of all parts.
        ///
        /// @return the format; empty if the parts have different ones
        public Optional<StoredType> type() {
            StoredType first = parts.getFirst().type();
            return Optional.of(first).filter(type -> parts.stream().allMatch(part -> part.type() == type));
        }

        /// Returns the shape of the whole.
        ///
        /// @return sizes, outermost first
        public List<Long> shape() {
            return shapeOf(parts.stream().map(StoredTensor::shape).toList(), experts);
        }
    }

    private FusedTensors() {}

    private static List<Whole> wholesOf(ModelConfig config, Layout layout) {
        Optional<Experts> mixture = config.architecture().experts();
        if (mixture.isPresent() && layout == Layout.GGUF) {
            return Stream.of("gate_proj", "up_proj", "down_proj")
                    .map(map -> Whole.stack(ParameterNames.EXPERTS + map, mixture.get(), map))
                    .toList();
        }
        Whole gateAndUp = Whole.matrix("mlp.gate_up_proj", "mlp.gate_proj", "mlp.up_proj");
        return switch (config.architecture().family()) {
            case PHI3 ->
                List.of(
                        Whole.matrix("self_attn.qkv_proj", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
                        gateAndUp);
            case GLM, GLM4 -> List.of(gateAndUp);
            case STARCODER2 ->
                List.of(Whole.matrix("mlp.c_fc", "mlp.up_proj"), Whole.matrix("mlp.c_proj", "mlp.down_proj"));
            case MIXTRAL -> ofMixtral(mixture.orElseThrow().count());
            case GRANITEMOE ->
                List.of(
                        Whole.matrix("block_sparse_moe.router.layer", GATE),
                        Whole.stack("block_sparse_moe.input_linear", mixture.orElseThrow(), "gate_proj", "up_proj"),
                        Whole.stack("block_sparse_moe.output_linear", mixture.orElseThrow(), "down_proj"));
            default -> List.of();
        };
    }

    private static List<Whole> ofMixtral(int experts) {
        String prefix = "block_sparse_moe.experts.";
        List<Whole> wholes = new ArrayList<>();
        wholes.add(Whole.matrix("block_sparse_moe.gate", GATE));
        for (int expert = 0; expert < experts; expert++) {
            wholes.add(Whole.matrix(prefix + expert + ".w1", ofExpert(expert, "gate_proj")));
            wholes.add(Whole.matrix(prefix + expert + ".w2", ofExpert(expert, "down_proj")));
            wholes.add(Whole.matrix(prefix + expert + ".w3", ofExpert(expert, "up_proj")));
        }
        return wholes;
    }

    /// Splits a model's fused tensors into views of their parts, without copying.
    ///
    /// @param where the place of the tensors for messages
    /// @param config the model
    /// @param stored tensors by name, fused or separate
    /// @param layout the tool that fused them
    /// @return separate tensors by name
    /// @throws InputException if a fused tensor does not have the rows of its parts; the message names it
    public static SequencedMap<String, StoredTensor> split(
            String where, ModelConfig config, SequencedMap<String, StoredTensor> stored, Layout layout) {
        Map<String, Whole> wholes = new HashMap<>();
        wholesOf(config, layout).forEach(whole -> wholes.put(whole.map(), whole));
        if (wholes.isEmpty()) {
            return stored;
        }
        Map<String, List<Long>> shapes = ParameterNames.allowed(config);
        SequencedMap<String, StoredTensor> split = new LinkedHashMap<>();
        stored.forEach((name, tensor) -> {
            Optional<Place> place = Place.of(name);
            @Nullable Whole whole = place.map(Place::map).map(wholes::get).orElse(null);
            if (whole == null) {
                add(where, tensor, split);
            } else {
                addParts(where, tensor, place.orElseThrow(), whole, shapes, split);
            }
        });
        return split;
    }

    private static void addParts(
            String where,
            StoredTensor tensor,
            Place place,
            Whole whole,
            Map<String, List<Long>> shapes,
            SequencedMap<String, StoredTensor> split) {
        SequencedMap<String, List<Long>> parts = new LinkedHashMap<>();
        for (String part : whole.parts()) {
            String name = place.nameOf(part);
            parts.put(name, shapes.getOrDefault(name, List.of(0L)));
        }
        long rows = parts.values().stream().mapToLong(List::getFirst).sum();
        List<Long> shape = shapeOf(List.copyOf(parts.values()), whole.experts());
        if (rows == 0 || !tensor.shape().equals(shape)) {
            throw InputException.of(
                    where,
                    "tensor " + tensor.name(),
                    "of shape " + shape + ", which is that of "
                            + described(parts.sequencedKeySet().stream().toList()),
                    tensor.shape());
        }
        long rowBytes = tensor.data().byteSize() / rows;
        long from = 0;
        for (Map.Entry<String, List<Long>> part : parts.entrySet()) {
            MemorySegment data = tensor.data().asSlice(from, part.getValue().getFirst() * rowBytes);
            add(where, new StoredTensor(part.getKey(), tensor.type(), part.getValue(), data), split);
            from += data.byteSize();
        }
    }

    /// The shape of a tensor that has the rows of several, expert by expert if there are experts.
    private static List<Long> shapeOf(List<List<Long>> parts, int experts) {
        long rows = parts.stream().mapToLong(List::getFirst).sum();
        List<Long> shape = new ArrayList<>(parts.getFirst());
        shape.set(0, rows / Math.max(1, experts));
        if (experts > 0) {
            shape.addFirst((long) experts);
        }
        return shape;
    }

    private static String described(List<String> parts) {
        return parts.size() <= 3
                ? String.join(", ", parts) + " together"
                : parts.getFirst() + " to " + parts.getLast() + " together";
    }

    private static void add(String where, StoredTensor tensor, SequencedMap<String, StoredTensor> split) {
        if (split.put(tensor.name(), tensor) != null) {
            throw new InputException(
                    where + ": tensor " + tensor.name() + " is stored twice, alone and as a part of a fused tensor");
        }
    }

    /// Groups the tensors of a model as another tool stores them.
    ///
    /// @param config the model
    /// @param tensors separate tensors
    /// @param layout the other tool
    /// @return a group for each tensor that the tool expects
    public static List<Group> groups(ModelConfig config, List<StoredTensor> tensors, Layout layout) {
        Map<String, StoredTensor> byName = new HashMap<>();
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
        Map<String, Whole> wholeOfPart = new HashMap<>();
        wholesOf(config, layout).forEach(whole -> whole.parts().forEach(part -> wholeOfPart.put(part, whole)));
        List<Group> groups = new ArrayList<>();
        for (StoredTensor tensor : tensors) {
            Optional<Place> place = Place.of(tensor.name());
            @Nullable Whole whole = place.map(Place::map).map(wholeOfPart::get).orElse(null);
            if (whole == null) {
                groups.add(new Group(tensor));
            } else if (place.orElseThrow().map().equals(whole.parts().getFirst())) {
                groups.add(group(place.orElseThrow(), whole, byName));
            }
        }
        return groups;
    }

    private static Group group(Place first, Whole whole, Map<String, StoredTensor> byName) {
        List<StoredTensor> parts = whole.parts().stream()
                .map(part -> Optional.ofNullable(byName.get(first.nameOf(part))).orElseThrow())
                .toList();
        return new Group(first.nameOf(whole.map()), parts, whole.experts());
    }
}
