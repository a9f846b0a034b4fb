package dev.saiki.model;

import dev.saiki.checkpoint.adapter.AdapterTensors;
import dev.saiki.checkpoint.config.Experts;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ModelFamily;
import dev.saiki.checkpoint.config.NormPlace;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.PositionFeatures;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.config.StepLora;
import dev.saiki.model.attention.AttentionWeights;
import dev.saiki.model.attention.Linear;
import dev.saiki.model.attention.LowRankUpdate;
import dev.saiki.model.attention.NormWeights;
import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.model.routing.Injection;
import dev.saiki.model.routing.RouterHead;
import dev.saiki.model.routing.StepGates;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The leaf tensors of one model over the compute weights, with the model's own gradients.
///
/// Several threads can train the same weights, because each thread has its own leaves over the same memory. A leaf
/// spans the weights of one matrix product, such as query, key and value projection together. Gradients accumulate
/// in two flat arrays in the order of the weights: one in compute precision, one in float32 for routers and step
/// gates.
final class LeafTensors implements AutoCloseable {

    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";

    /// The weights of one unrolled layer, most of which other layers may share. The layer has H query heads of K
    /// dimensions.
    ///
    /// @param norms the norm of each place at which the layer has one
    /// @param attention the query, key and value projections, and the norms of queries and keys
    /// @param output `[hidden, H · K]`
    /// @param feedForward the feed-forward network, or the mixture of experts
    record Layer(
            Map<NormPlace, NormWeights> norms, AttentionWeights attention, Linear output, FeedForward feedForward) {

        /// The norm at a place; null if the layer has none there.
        @Nullable
        NormWeights norm(NormPlace place) {
            return norms.get(place);
        }
    }

    private final ComputeWeights weights;
    private final Optional<TrainedParameters> trained;
    private final List<Tensor> all = new ArrayList<>();
    private final @Nullable Tensor gradient;
    private final @Nullable Tensor routerGradient;
    private final Tensor embedding;
    private final Optional<Tensor> embeddingProjection;
    private final TokenHead head;
    private final NormWeights finalNorm;
    private final List<Layer> layers = new ArrayList<>(); // One per unrolled layer.
    private @Nullable Tensor positionFeatures;
    private final Optional<StepGates> stepGates;
    private final Optional<Injection> injection;
    private final List<RouterHead> routers;
    private final List<RouterHead> auxiliaryRouters;

    /// Creates the leaves.
    ///
    /// @param trained the parameters that have a gradient; empty for inference
    LeafTensors(ComputeWeights weights, Optional<TrainedParameters> trained) {
        this.weights = weights;
        this.trained = trained;
        ModelConfig config = weights.master().config();
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            boolean isTrainable = trained.isPresent();
            long lowered = trained.map(TrainedParameters::loweredCount).orElse(0L);
            long others = trained.map(TrainedParameters::count).orElse(0L) - lowered;
            this.gradient = isTrainable ? zeros(weights.precision().dtype(), lowered) : null;
            this.routerGradient = isTrainable ? zeros(DType.FLOAT32, others) : null;
            OptionalInt width = config.architecture().embeddingSize();
            this.embedding = leaf(width.orElse(config.hiddenSize()), ParameterNames.EMBEDDING);
            this.embeddingProjection = width.isPresent()
                    ? Optional.of(leaf(width.getAsInt(), ParameterNames.EMBEDDING_PROJECTION))
                    : Optional.empty();
            OptionalDouble cap = config.architecture().scales().caps().logits();
            this.head = config.tieWordEmbeddings()
                    ? new TokenHead(embedding, embeddingProjection, cap)
                    : new TokenHead(leaf(config.hiddenSize(), ParameterNames.HEAD), Optional.empty(), cap);
            addLayers(config);
            this.finalNorm = norm(ParameterNames.FINAL_NORM);
            this.stepGates = optionalVector(ParameterNames.STEP_GATES).map(StepGates::new);
            this.injection = weights.master().layout().has(ParameterNames.INJECTION)
                    ? Optional.of(new Injection(
                            leaf(config.hiddenSize(), ParameterNames.INJECTION),
                            leaf(0, ParameterNames.INJECTION_DECAY),
                            leaf(0, ParameterNames.INJECTION_RATE)))
                    : Optional.empty();
            this.routers = routers(config);
            this.auxiliaryRouters = weights.master().hasAuxiliaryRouters()
                    ? expertRouters("model.auxiliary_routers.", config)
                    : List.of();
        }
    }

    private Tensor zeros(DType type, long count) {
        return TensorScope.release(Tensors.on(device()).zeros(type, count));
    }

    Device device() {
        return weights.master().device();
    }

    Tensor embedding() {
        return embedding;
    }

    /// The states with which tokens enter the model.
    ///
    /// @param ids INT64 `[n]`
    /// @return `[n, hidden]`
    Tensor embedded(Tensor ids) {
        Tensor rows = Functional.embedding(embedding, ids);
        Tensor states =
                embeddingProjection.map(map -> Functional.linear(rows, map)).orElse(rows);
        double scale = weights.master().config().embeddingScale();
        return scale == 1 ? states : states.multiply(scale);
    }

    TokenHead head() {
        return head;
    }

    NormWeights finalNorm() {
        return finalNorm;
    }

    Layer layer(int unrolled) {
        return layers.get(unrolled);
    }

    /// The gates of the recursion steps, if the model has any.
    Optional<StepGates> stepGates() {
        return stepGates;
    }

    /// The input of a recursion step.
    ///
    /// @param rows `[n, hidden]`, the active tokens' states
    /// @param entry `[B · T, hidden]`, the states with which all tokens entered the recursion
    Tensor given(int step, Tensor rows, Tensor entry, ActiveTokens active) {
        return step == 0
                ? rows
                : injection
                        .map(into -> into.apply(rows, active.isAll() ? entry : entry.rows(active.rows())))
                        .orElse(rows);
    }

    List<RouterHead> routers() {
        return routers;
    }

    List<RouterHead> auxiliaryRouters() {
        return auxiliaryRouters;
    }

    void zeroGradients() {
        gradient().zeroInPlace();
        routerGradient().zeroInPlace();
    }

    /// Applies an operation to both gradients, each together with its part of an array in the order of
    /// {@link TrainedParameters}.
    ///
    /// @param total FLOAT32 `[trained parameters]`
    void withGradientParts(Tensor total, BiConsumer<Tensor, Tensor> action) {
        try (TensorScope _ = TensorScope.open()) {
            long lowered = gradient().count();
            if (lowered > 0) {
                action.accept(total.narrow(0, 0, lowered), gradient());
            }
            long routers = routerGradient().count();
            if (routers > 0) {
                action.accept(total.narrow(0, lowered, routers), routerGradient());
            }
        }
    }

    /// The flat gradient of matrices and norms, in compute precision.
    Tensor gradient() {
        if (gradient == null) {
            throw new IllegalStateException("the model was created for inference and has no gradients");
        }
        return gradient;
    }

    /// The flat gradient of step gates, routers and auxiliary routers, in float32.
    Tensor routerGradient() {
        if (routerGradient == null) {
            throw new IllegalStateException("the model was created for inference and has no gradients");
        }
        return routerGradient;
    }

    @Override
    public void close() {
        all.forEach(Tensor::close);
        if (gradient != null) {
            gradient.close();
        }
        if (routerGradient != null) {
            routerGradient.close();
        }
    }

    private void addLayers(ModelConfig config) {
        LayerMap map = config.layerMap();
        List<Layer> shared = new ArrayList<>();
        for (int unique = 0; unique < map.numUnique(); unique++) {
            shared.add(layer("model.layers." + unique + ".", config));
        }
        for (int unrolled = 0; unrolled < map.numUnrolled(); unrolled++) {
            int unique = map.uniqueOf().get(unrolled);
            boolean isOutside = unrolled < map.firstShared() || unrolled >= map.endOfShared();
            int step = isOutside ? 0 : (unrolled - map.firstShared()) / map.blockSize();
            layers.add(
                    step == 0
                            ? shared.get(unique)
                            : atStep(shared.get(unique), ParameterNames.step(unique, step), config));
        }
    }

    /// A shared layer with the separate parameters of a step after the first. Steps have no separate parameters if
    /// layers are repeated in place.
    private Layer atStep(Layer shared, String prefix, ModelConfig config) {
        AttentionWeights attention = shared.attention();
        Map<NormPlace, NormWeights> norms = norms(
                config,
                (place, name) -> weights.master().layout().has(prefix + name)
                        ? norm(prefix + name)
                        : Objects.requireNonNull(shared.norm(place)));
        String self = prefix + "self_attn.";
        return new Layer(
                norms,
                attention.with(updated(attention.projection(), self + "q_proj", self + "k_proj", self + "v_proj")),
                updated(shared.output(), self + "o_proj"),
                updated(shared.feedForward(), prefix + "mlp."));
    }

    private NormWeights norm(String weight) {
        return new NormWeights(leaf(0, weight), optionalVector(ModelFamily.biasOf(weight)));
    }

    private static Map<NormPlace, NormWeights> norms(
            ModelConfig config, BiFunction<NormPlace, String, NormWeights> weight) {
        Map<NormPlace, NormWeights> norms = new EnumMap<>(NormPlace.class);
        config.architecture()
                .family()
                .normPlacement()
                .tensors()
                .forEach((place, name) -> norms.put(place, weight.apply(place, name)));
        return norms;
    }

    /// A map with the low-rank updates of the named maps that it stacks, if any.
    private Linear updated(Linear map, String... names) {
        ModelConfig config = weights.master().config();
        Optional<StepLora> lora = config.recursion().flatMap(Recursion::stepLora);
        List<LowRankUpdate> updates = new ArrayList<>();
        for (String name : names) {
            if (lora.isPresent() && weights.master().layout().has(name + ParameterNames.LORA_A)) {
                int inputs = Math.toIntExact(map.parts().getFirst().weight().size(1));
                updates.add(new LowRankUpdate(
                        leaf(inputs, name + ParameterNames.LORA_A),
                        leaf(lora.get().rank(), name + ParameterNames.LORA_B),
                        lora.get().scale()));
            }
        }
        return updates.isEmpty() ? map : map.with(updates);
    }

    private FeedForward updated(FeedForward shared, String prefix) {
        return switch (shared) {
            case FeedForward.Network network ->
                new FeedForward.Network(
                        updated(network.gateUp(), prefix + "gate_proj", prefix + "up_proj"),
                        updated(network.down(), prefix + "down_proj"));
            case FeedForward.Mixture mixture -> mixture;
        };
    }

    private FeedForward feedForward(String prefix, ModelConfig config) {
        Optional<Experts> experts = config.architecture().experts();
        if (experts.isEmpty()) {
            return network(prefix + "mlp.", config);
        }
        return new FeedForward.Mixture(
                experts.get(),
                leaf(config.hiddenSize(), prefix + ParameterNames.EXPERT_GATE),
                IntStream.range(0, experts.get().count())
                        .mapToObj(expert -> network(prefix + ParameterNames.EXPERTS + expert + ".", config))
                        .toList());
    }

    private FeedForward.Network network(String prefix, ModelConfig config) {
        int hidden = config.hiddenSize();
        return new FeedForward.Network(
                config.architecture().family().gatesFeedForward()
                        ? linear(hidden, prefix + "gate_proj", prefix + "up_proj")
                        : linear(hidden, prefix + "up_proj"),
                linear(config.intermediateSize(), prefix + "down_proj"));
    }

    private Layer layer(String prefix, ModelConfig config) {
        int hidden = config.hiddenSize();
        String attention = prefix + "self_attn.";
        return new Layer(
                norms(config, (_, name) -> norm(prefix + name)),
                new AttentionWeights(
                        linear(hidden, attention + "q_proj", attention + "k_proj", attention + "v_proj"),
                        config.architecture().family().queryKeyNorm(),
                        optionalVector(attention + "q_norm.weight"),
                        optionalVector(attention + "k_norm.weight")),
                linear(config.numAttentionHeads() * config.headDim(), attention + "o_proj"),
                feedForward(prefix, config));
    }

    /// The matrices of adjacent maps as one, with their biases, if any. If only some of the maps are trained,
    /// adjacent maps that are all trained or all frozen form a part; a map with an adapter's update is always a
    /// separate part.
    private Linear linear(int columns, String... names) {
        List<Linear.Part> parts = new ArrayList<>();
        int from = 0;
        for (int to = 1; to <= names.length; to++) {
            if (to == names.length || !isAlike(names[from], names[to])) {
                parts.add(part(columns, List.of(names).subList(from, to)));
                from = to;
            }
        }
        return new Linear(parts, List.of());
    }

    private Linear.Part part(int columns, List<String> names) {
        String[] weightNames = names.stream().map(name -> name + WEIGHT).toArray(String[]::new);
        String[] biasNames = names.stream().map(name -> name + BIAS).toArray(String[]::new);
        boolean biased = weights.master().layout().has(biasNames[0]);
        return new Linear.Part(
                leaf(columns, weightNames),
                biased ? Optional.of(leaf(0, biasNames)) : Optional.empty(),
                update(columns, names.getFirst()));
    }

    /// The adapter's update of a map, if it has one.
    private Optional<LowRankUpdate> update(int columns, String map) {
        return weights.master()
                .adapter()
                .filter(_ -> isUpdated(map))
                .map(adapter -> new LowRankUpdate(
                        leaf(columns, AdapterTensors.down(map)),
                        leaf(adapter.rank(), AdapterTensors.up(map)),
                        adapter.scale()));
    }

    private boolean isUpdated(String map) {
        return weights.master().layout().has(AdapterTensors.down(map));
    }

    private boolean isAlike(String map, String other) {
        return !isUpdated(map)
                && !isUpdated(other)
                && isTrained(map + WEIGHT) == isTrained(other + WEIGHT)
                && isTrained(map + BIAS) == isTrained(other + BIAS);
    }

    private boolean isTrained(String name) {
        return trained.filter(some -> some.has(name)).isPresent();
    }

    private Optional<Tensor> optionalVector(String name) {
        return weights.master().layout().has(name) ? Optional.of(leaf(0, name)) : Optional.empty();
    }

    private List<RouterHead> routers(ModelConfig config) {
        return switch (config.routing()) {
            case Routing.None _, Routing.Random _ -> List.of();
            case Routing.ExpertChoice _, Routing.ExpertThreshold _ -> expertRouters("model.routers.", config);
            case Routing.TokenChoice choice -> List.of(network("model.router.", choice.router(), config.hiddenSize()));
        };
    }

    private List<RouterHead> expertRouters(String prefix, ModelConfig config) {
        return switch (config.routing()) {
            case Routing.ExpertChoice choice -> each(prefix, choice.router(), config);
            case Routing.ExpertThreshold threshold -> each(prefix, threshold.router(), config);
            case Routing.None _, Routing.Random _, Routing.TokenChoice _ -> List.of();
        };
    }

    private List<RouterHead> each(String prefix, Routing.Router router, ModelConfig config) {
        return IntStream.range(0, config.numRecursions())
                .mapToObj(step -> network(prefix + step + ".", router, config.hiddenSize()))
                .toList();
    }

    private RouterHead network(String prefix, Routing.Router router, int hidden) {
        double temperature = router.temperature();
        return switch (router.type()) {
            case LINEAR -> new RouterHead(List.of(leaf(hidden, prefix + "weight")), temperature);
            case POSITION ->
                new RouterHead(List.of(leaf(hidden, prefix + "weight")), temperature, Optional.of(positionFeatures()));
            case MLP, WIDE_MLP -> {
                int inner = router.type().hiddenFactor() * hidden;
                yield new RouterHead(
                        List.of(leaf(hidden, prefix + "0.weight"), leaf(inner, prefix + "2.weight")), temperature);
            }
        };
    }

    /// The features of all positions, FLOAT32 `[max_position_embeddings, hidden]`; created when a router first
    /// needs them.
    private Tensor positionFeatures() {
        if (positionFeatures == null) {
            ModelConfig config = weights.master().config();
            int width = config.hiddenSize();
            PositionFeatures features = new PositionFeatures(width);
            float[] values = new float[Math.multiplyExact(config.maxPositionEmbeddings(), width)];
            for (int position = 0; position < config.maxPositionEmbeddings(); position++) {
                System.arraycopy(features.of(position), 0, values, position * width, width);
            }
            positionFeatures =
                    TensorScope.release(Tensors.on(device()).of(values, config.maxPositionEmbeddings(), width));
            all.add(positionFeatures);
        }
        return positionFeatures;
    }

    /// A leaf over adjacent parameters; with `columns` 0 it is a vector.
    private Tensor leaf(int columns, String... names) {
        ParameterLayout.Range range = weights.master().layout().adjacent(List.of(names));
        Tensor values = shaped(weights.range(range), columns);
        if (!isTrained(names[0])) {
            all.add(TensorScope.release(values));
            return values;
        }
        Tensor leaf = TensorScope.release(Autograd.leaf(values));
        Autograd.setGradient(leaf, shaped(gradientOf(List.of(names)), columns));
        all.add(leaf);
        return leaf;
    }

    private Tensor gradientOf(List<String> names) {
        TrainedParameters some = trained.orElseThrow();
        ParameterLayout.Range range = some.adjacent(names);
        long lowered = some.loweredCount();
        return range.end() <= lowered
                ? gradient().narrow(0, range.start(), range.length())
                : routerGradient().narrow(0, range.start() - lowered, range.length());
    }

    private static Tensor shaped(Tensor flat, int columns) {
        return columns == 0 ? flat.reshape(-1) : flat.reshape(-1, columns);
    }
}
