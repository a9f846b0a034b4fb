package dev.saiki.checkpoint;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ModelFamily;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.io.InputException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/// Projections of the same input whose rows some families stack in one tensor, or name otherwise, see
/// {@link ModelFamily#fusedMaps()}. In a checkpoint they are separate, as in other families.
public final class FusedTensors {

    /// The fused tensors, with their parts from the first row to the last.
    private static final Map<String, List<String>> PARTS = Map.of(
            ".self_attn.qkv_proj.", List.of(".self_attn.q_proj.", ".self_attn.k_proj.", ".self_attn.v_proj."),
            ".mlp.gate_up_proj.", List.of(".mlp.gate_proj.", ".mlp.up_proj."),
            ".mlp.c_fc.", List.of(".mlp.up_proj."),
            ".mlp.c_proj.", List.of(".mlp.down_proj."));

    /// Tensors that become one.
    ///
    /// @param name the name of the fused tensor, or of the only part
    /// @param parts the parts from the first row to the last
    public record Group(String name, List<StoredTensor> parts) {

        /// Copies the list.
        public Group {
            parts = List.copyOf(parts);
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
            List<Long> shape = new ArrayList<>(parts.getFirst().shape());
            if (parts.size() > 1) {
                shape.set(
                        0,
                        parts.stream()
                                .mapToLong(part -> part.shape().getFirst())
                                .sum());
            }
            return shape;
        }
    }

    private FusedTensors() {}

    /// Splits a model's fused tensors into views of their parts, without copying.
    ///
    /// @param where the place of the tensors for messages
    /// @param config the model
    /// @param stored tensors by name, fused or separate
    /// @return separate tensors by name
    /// @throws InputException if a fused tensor does not have the rows of its parts; the message names it
    public static SequencedMap<String, StoredTensor> split(
            String where, ModelConfig config, SequencedMap<String, StoredTensor> stored) {
        Map<String, List<String>> wholes = wholesOf(config);
        if (wholes.isEmpty()) {
            return stored;
        }
        Map<String, List<Long>> shapes = ParameterNames.allowed(config);
        SequencedMap<String, StoredTensor> split = new LinkedHashMap<>();
        stored.forEach((name, tensor) -> fused(wholes, name)
                .ifPresentOrElse(
                        fused -> addParts(where, tensor, fused, shapes, split), () -> add(where, tensor, split)));
        return split;
    }

    private static Map<String, List<String>> wholesOf(ModelConfig config) {
        return config.architecture().family().fusedMaps().stream()
                .map(map -> "." + map + ".")
                .collect(Collectors.toMap(whole -> whole, whole -> PARTS.getOrDefault(whole, List.of())));
    }

    private static Optional<Map.Entry<String, List<String>>> fused(Map<String, List<String>> wholes, String name) {
        return wholes.entrySet().stream()
                .filter(entry -> name.contains(entry.getKey()))
                .findFirst();
    }

    private static void addParts(
            String where,
            StoredTensor tensor,
            Map.Entry<String, List<String>> fused,
            Map<String, List<Long>> shapes,
            SequencedMap<String, StoredTensor> split) {
        SequencedMap<String, Long> rowsOf = new LinkedHashMap<>();
        for (String part : fused.getValue()) {
            String name = tensor.name().replace(fused.getKey(), part);
            rowsOf.put(name, shapes.getOrDefault(name, List.of(0L)).getFirst());
        }
        long rows = rowsOf.values().stream().mapToLong(count -> count).sum();
        if (rows == 0 || tensor.shape().isEmpty() || tensor.shape().getFirst() != rows) {
            throw InputException.of(
                    where,
                    "tensor " + tensor.name(),
                    "a matrix of " + rows + " rows, the sum of " + String.join(", ", rowsOf.keySet()),
                    tensor.shape());
        }
        long rowBytes = tensor.data().byteSize() / rows;
        long from = 0;
        for (Map.Entry<String, Long> part : rowsOf.entrySet()) {
            String name = part.getKey();
            List<Long> shape = new ArrayList<>(tensor.shape());
            shape.set(0, part.getValue());
            MemorySegment data = tensor.data().asSlice(from, part.getValue() * rowBytes);
            add(where, new StoredTensor(name, tensor.type(), shape, data), split);
            from += data.byteSize();
        }
    }

    private static void add(String where, StoredTensor tensor, SequencedMap<String, StoredTensor> split) {
        if (split.put(tensor.name(), tensor) != null) {
            throw new InputException(
                    where + ": tensor " + tensor.name() + " is stored twice, alone and as a part of a fused tensor");
        }
    }

    /// Groups the tensors of a model as its family stores them.
    ///
    /// @param config the model
    /// @param tensors separate tensors
    /// @return a group for each tensor that other tools expect
    public static List<Group> groups(ModelConfig config, List<StoredTensor> tensors) {
        Map<String, StoredTensor> byName = new LinkedHashMap<>();
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
        Map<String, List<String>> wholes = wholesOf(config);
        List<Group> groups = new ArrayList<>();
        for (StoredTensor tensor : tensors) {
            Optional<Map.Entry<String, List<String>>> fused = wholes.entrySet().stream()
                    .filter(entry -> entry.getValue().stream().anyMatch(tensor.name()::contains))
                    .findFirst();
            if (fused.isEmpty()) {
                groups.add(new Group(tensor.name(), List.of(tensor)));
            } else if (tensor.name().contains(fused.get().getValue().getFirst())) {
                groups.add(group(tensor.name(), fused.get(), byName));
            }
        }
        return groups;
    }

    private static Group group(String first, Map.Entry<String, List<String>> fused, Map<String, StoredTensor> byName) {
        String firstPart = fused.getValue().getFirst();
        List<StoredTensor> parts = fused.getValue().stream()
                .map(part -> Optional.ofNullable(byName.get(first.replace(firstPart, part)))
                        .orElseThrow())
                .toList();
        return new Group(first.replace(firstPart, fused.getKey()), parts);
    }
}
