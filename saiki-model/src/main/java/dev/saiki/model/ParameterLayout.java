package dev.saiki.model;

import dev.saiki.checkpoint.adapter.AdapterConfig;
import dev.saiki.checkpoint.adapter.AdapterTensors;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/// The position of each parameter in the flat array that contains them all.
///
/// With one array, each operation on all parameters (zeroing and adding gradients, their norm, the optimizer, the
/// cast to bfloat16) is a single call instead of one per tensor. The order of the array supports these calls:
/// first the matrices, which decay; then norms and biases, which do not; then step gates, which do not decay, and
/// routers, which do, both in float32; last the auxiliary routers, which have their own learning rate. Within a
/// layer, query, key and value are adjacent, as are gate and up, so that one matrix product computes them
/// together.
final class ParameterLayout {

    /// A part of the flat array whose parameters are treated alike.
    enum Segment {
        MATRICES,
        NORMS,
        STEP_GATES,
        ROUTERS,
        AUXILIARY_ROUTERS;

        /// Whether the part is stored in compute precision; if not, it stays in float32.
        boolean isLowered() {
            return this == MATRICES || this == NORMS;
        }
    }

    /// A range of the flat array.
    ///
    /// @param start the first element
    /// @param length the number of elements
    record Range(long start, long length) {
        long end() {
            return start + length;
        }
    }

    /// A parameter's place.
    ///
    /// @param shape the parameter's lengths by dimension
    /// @param range the parameter's elements
    record Slot(List<Long> shape, Range range) {}

    private final Map<String, Slot> slots = new LinkedHashMap<>();
    private final Map<Segment, Range> segments = new LinkedHashMap<>();
    private final List<String> checkpointOrder;

    ParameterLayout(ModelConfig config, boolean auxiliaryRouters, Optional<AdapterConfig> adapter) {
        SequencedMap<String, List<Long>> shapes = new LinkedHashMap<>(ParameterNames.parameters(config));
        if (auxiliaryRouters) {
            shapes.putAll(ParameterNames.auxiliaryRouters(config));
        }
        adapter.ifPresent(low -> shapes.putAll(AdapterTensors.of(config, low)));
        checkpointOrder = List.copyOf(shapes.sequencedKeySet());
        long next = 0;
        for (Segment segment : Segment.values()) {
            long start = next;
            for (String name : inComputeOrder(shapes.sequencedKeySet().stream()
                    .filter(name -> segmentOf(name) == segment)
                    .toList())) {
                List<Long> shape = Objects.requireNonNull(shapes.get(name), name);
                long length = shape.stream().reduce(1L, Math::multiplyExact);
                slots.put(name, new Slot(shape, new Range(next, length)));
                next += length;
            }
            segments.put(segment, new Range(start, next - start));
        }
    }

    /// The names in checkpoint order.
    List<String> names() {
        return checkpointOrder;
    }

    /// The names in the order of the parameters in the flat array.
    List<String> namesInPlace() {
        return List.copyOf(slots.keySet());
    }

    Slot slot(String name) {
        return Optional.ofNullable(slots.get(name))
                .orElseThrow(() -> new IllegalArgumentException("no parameter named " + name));
    }

    boolean has(String name) {
        return slots.containsKey(name);
    }

    Range segment(Segment segment) {
        return Optional.ofNullable(segments.get(segment))
                .orElseThrow(() -> new IllegalStateException("no segment " + segment));
    }

    /// The range from the first name to the last; the parameters must be adjacent.
    Range adjacent(List<String> names) {
        long start = slot(names.getFirst()).range().start();
        long next = start;
        for (String name : names) {
            if (slot(name).range().start() != next) {
                throw new IllegalStateException(names + " are not adjacent");
            }
            next = slot(name).range().end();
        }
        return new Range(start, next - start);
    }

    long count() {
        return segment(Segment.AUXILIARY_ROUTERS).end();
    }

    /// Whether a parameter is a bias of a matrix product or of a norm.
    static boolean isBias(String name) {
        return name.endsWith("_proj.bias") || name.endsWith("norm.bias");
    }

    /// Whether a parameter is the second matrix of a low-rank update, which is initialised to 0.
    static boolean isZeroAtFirst(String name) {
        return name.endsWith(ParameterNames.LORA_B);
    }

    private static boolean isLowRank(String name) {
        return name.endsWith(ParameterNames.LORA_A) || name.endsWith(ParameterNames.LORA_B);
    }

    static Segment segmentOf(String name) {
        if (name.startsWith("model.auxiliary_routers.")) {
            return Segment.AUXILIARY_ROUTERS;
        }
        if (ParameterNames.isGate(name)) {
            return Segment.STEP_GATES;
        }
        if (ParameterNames.belongsToRouter(name)) {
            return Segment.ROUTERS;
        }
        return name.endsWith("norm.weight") || isBias(name) ? Segment.NORMS : Segment.MATRICES;
    }

    /// Moves k_proj and v_proj behind q_proj, and up_proj behind gate_proj, whatever their order in a checkpoint.
    private static List<String> inComputeOrder(List<String> names) {
        Set<String> ordered = new LinkedHashSet<>();
        for (String name : names) {
            ordered.add(name);
            // Low-rank updates need not be adjacent.
            if (name.contains("self_attn.q_proj") && !isLowRank(name)) {
                ordered.add(name.replace("q_proj", "k_proj"));
                ordered.add(name.replace("q_proj", "v_proj"));
            } else if (name.contains(".gate_proj") && !isLowRank(name)) {
                ordered.add(name.replace("gate_proj", "up_proj"));
            }
        }
        return List.copyOf(ordered);
    }
}
