package dev.saiki.checkpoint.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// The names and shapes of all tensors of a model, in the order in which a checkpoint stores the tensors.
///
/// The names are Hugging Face's for the {@link ModelFamily}, one entry for every unique layer; matrices are
/// `[out, in]`.
public final class ParameterNames {

    /// The token embedding, `[vocab_size, hidden_size]`, or `[vocab_size, embedding_size]` with a projection.
    public static final String EMBEDDING = "model.embed_tokens.weight";

    /// The projection of the embedding, `[hidden_size, embedding_size]`; absent if the embedding's rows are as
    /// wide as a state.
    public static final String EMBEDDING_PROJECTION = "model.embed_projection.weight";

    /// The weight of the last norm, `[hidden_size]`.
    public static final String FINAL_NORM = "model.norm.weight";

    /// The head, `[vocab_size, hidden_size]`; absent if tied to the embedding.
    public static final String HEAD = "lm_head.weight";

    /// The gates of the recursion steps, `[num_recursions]`; entry 0 is unused.
    public static final String STEP_GATES = "model.step_gates";

    /// The matrix that multiplies a token's initial state for injection, `[hidden_size, hidden_size]`.
    public static final String INJECTION = "model.injection.weight";

    /// The logarithm of the decay rate of a state under injection, `[hidden_size]`.
    public static final String INJECTION_DECAY = "model.injection.decay";

    /// The rate of injection, before softplus, `[hidden_size]`.
    public static final String INJECTION_RATE = "model.injection.rate";

    /// The selection bias of token-choice routing, `[num_recursions]`.
    public static final String EXPERT_BIAS = "model.router.expert_bias";

    /// The thresholds of expert-threshold routing, `[num_recursions, entries of the effort grid]`.
    public static final String ROUTER_THRESHOLDS = "model.router_thresholds";

    /// The suffix, after a linear map's name, of the first matrix of the map's update, `[rank, in]`.
    public static final String LORA_A = ".lora_A.weight";

    /// The suffix, after a linear map's name, of the second matrix of the map's update, `[out, rank]`.
    public static final String LORA_B = ".lora_B.weight";

    /// The gate of a layer's experts, without the layer's prefix: `[experts, hidden_size]`.
    public static final String EXPERT_GATE = "mlp.gate.weight";

    /// The prefix, without the layer's, of the tensors of experts; a number follows.
    public static final String EXPERTS = "mlp.experts.";

    private static final String AUXILIARY_ROUTERS = "model.auxiliary_routers.";
    private static final String OUTPUT = "self_attn.o_proj";

    private ParameterNames() {}

    /// Lists the learned tensors that the configuration requires. Auxiliary routers are included only if the
    /// causal decision uses them.
    ///
    /// @param config the model
    /// @return the shapes by name
    public static SequencedMap<String, List<Long>> parameters(ModelConfig config) {
        SequencedMap<String, List<Long>> shapes = new LinkedHashMap<>();
        long hidden = config.hiddenSize();
        long vocabulary = config.vocabSize();
        long width = config.architecture().embeddingSize().orElse(config.hiddenSize());
        shapes.put(EMBEDDING, List.of(vocabulary, width));
        if (config.architecture().embeddingSize().isPresent()) {
            shapes.put(EMBEDDING_PROJECTION, List.of(hidden, width));
        }
        int numUnique = config.layerMap().numUnique();
        for (int layer = 0; layer < numUnique; layer++) {
            addLayer(shapes, layer, config);
        }
        config.recursion().ifPresent(recursion -> addSteps(shapes, recursion, config));
        shapes.put(FINAL_NORM, List.of(hidden));
        if (config.architecture().family().hasNormBiases()) {
            shapes.put(ModelFamily.biasOf(FINAL_NORM), List.of(hidden));
        }
        if (!config.tieWordEmbeddings()) {
            shapes.put(HEAD, List.of(vocabulary, hidden));
        }
        if (config.hasStepGates()) {
            shapes.put(STEP_GATES, List.of((long) config.numRecursions()));
        }
        if (config.recursion().map(Recursion::injection).orElse(false)) {
            shapes.put(INJECTION, List.of(hidden, hidden));
            shapes.put(INJECTION_DECAY, List.of(hidden));
            shapes.put(INJECTION_RATE, List.of(hidden));
        }
        addRouters(shapes, config);
        if (requiresAuxiliaryRouters(config)) {
            shapes.putAll(auxiliaryRouters(config));
        }
        return Collections.unmodifiableSequencedMap(shapes);
    }

    /// Lists the auxiliary routers that a model with expert-choice routing may have, whether its
    /// configuration requires them or not.
    ///
    /// @param config the model
    /// @return name to shape; empty for every other routing
    public static SequencedMap<String, List<Long>> auxiliaryRouters(ModelConfig config) {
        SequencedMap<String, List<Long>> shapes = new LinkedHashMap<>();
        if (config.routing() instanceof Routing.ExpertChoice expert) {
            addEach(shapes, AUXILIARY_ROUTERS, expert.router().type(), config);
        }
        return Collections.unmodifiableSequencedMap(shapes);
    }

    /// Tells whether a checkpoint without auxiliary routers is incomplete.
    ///
    /// @param config the model
    /// @return true if the causal decision uses them
    public static boolean requiresAuxiliaryRouters(ModelConfig config) {
        return config.routing() instanceof Routing.ExpertChoice expert
                && expert.causalBy() == CausalBy.AUXILIARY_ROUTER;
    }

    /// Lists the tensors that are stored but not learned by gradient: the selection bias of token-choice,
    /// which a checkpoint may omit (the bias is then zero), and the thresholds of expert-threshold, which are
    /// required.
    ///
    /// @param config the model
    /// @return the shapes by name
    public static SequencedMap<String, List<Long>> buffers(ModelConfig config) {
        SequencedMap<String, List<Long>> shapes = new LinkedHashMap<>();
        long steps = config.numRecursions();
        switch (config.routing()) {
            case Routing.TokenChoice _ -> shapes.put(EXPERT_BIAS, List.of(steps));
            case Routing.ExpertThreshold expert ->
                shapes.put(ROUTER_THRESHOLDS, List.of(steps, (long)
                        expert.effortGrid().size()));
            case Routing.None _, Routing.ExpertChoice _, Routing.Random _ -> {}
        }
        return Collections.unmodifiableSequencedMap(shapes);
    }

    /// Lists the tensors required for a complete checkpoint.
    ///
    /// @param config the model
    /// @return the shapes by name
    public static SequencedMap<String, List<Long>> required(ModelConfig config) {
        SequencedMap<String, List<Long>> shapes = new LinkedHashMap<>(parameters(config));
        buffers(config).forEach((name, shape) -> {
            if (!name.equals(EXPERT_BIAS)) {
                shapes.put(name, shape);
            }
        });
        return Collections.unmodifiableSequencedMap(shapes);
    }

    /// Lists all tensors that a checkpoint may contain, required or not.
    ///
    /// @param config the model
    /// @return the shapes by name
    public static SequencedMap<String, List<Long>> allowed(ModelConfig config) {
        SequencedMap<String, List<Long>> shapes = new LinkedHashMap<>(parameters(config));
        shapes.putAll(auxiliaryRouters(config));
        shapes.putAll(buffers(config));
        return Collections.unmodifiableSequencedMap(shapes);
    }

    /// Tells whether a tensor is always stored in float32.
    ///
    /// @param name the tensor's name
    /// @return true for tensors of a router, for the step gates, and for the rates of injection
    public static boolean isStoredInFloat32(String name) {
        return belongsToRouter(name) || isGate(name);
    }

    /// Tells whether a tensor is the matrix of a layer's linear map.
    ///
    /// @param name a tensor's name
    /// @return false for the updates of single recursion steps
    public static boolean isLinearMap(String name) {
        return name.startsWith("model.layers.") && name.endsWith("_proj.weight");
    }

    /// Tells whether a tensor is a matrix whose number format may be narrow.
    ///
    /// @param name a tensor's name
    /// @param shape the tensor's shape
    /// @return whether it is a linear map, or a matrix outside the layers but not of a router
    public static boolean isMatrix(String name, List<Long> shape) {
        return isLinearMap(name)
                || (shape.size() == 2 && !isStoredInFloat32(name) && !name.startsWith("model.layers."));
    }

    /// Tells whether the first pass uses a tensor, if the model's router does not scale the block's output.
    ///
    /// @param name a tensor's name
    /// @return false for routers, gates and injection, and for tensors of steps after the first
    public static boolean isOfFirstPass(String name) {
        return !belongsToRouter(name) && !isGate(name) && !name.equals(INJECTION) && !name.contains(".steps.");
    }

    /// Tells whether a tensor scales the effect of a step or of the injection, as opposed to a map or a norm.
    ///
    /// @param name the tensor's name
    /// @return true for the step gates, and for the rates of injection
    public static boolean isGate(String name) {
        return name.equals(STEP_GATES) || name.equals(INJECTION_DECAY) || name.equals(INJECTION_RATE);
    }

    /// Tells whether a tensor belongs to a router.
    ///
    /// @param name the tensor's name
    /// @return true for routers, auxiliary routers and the routing buffers
    public static boolean belongsToRouter(String name) {
        return name.startsWith("model.router.")
                || name.startsWith("model.routers.")
                || name.startsWith(AUXILIARY_ROUTERS)
                || name.equals(ROUTER_THRESHOLDS);
    }

    private static void addLayer(SequencedMap<String, List<Long>> shapes, int layer, ModelConfig config) {
        String prefix = "model.layers." + layer + ".";
        long hidden = config.hiddenSize();
        ModelFamily family = config.architecture().family();
        linearMaps(config).forEach((name, shape) -> {
            shapes.put(prefix + name + ".weight", shape);
            if (hasBias(name, config.architecture().biases())) {
                shapes.put(prefix + name + ".bias", List.of(shape.getFirst()));
            }
            if (name.equals(OUTPUT)) {
                addQueryKeyNorms(shapes, prefix, family.queryKeyNorm(), config);
            }
        });
        config.architecture().experts().ifPresent(experts -> {
            shapes.put(prefix + EXPERT_GATE, List.of((long) experts.count(), hidden));
            for (int expert = 0; expert < experts.count(); expert++) {
                String network = prefix + EXPERTS + expert + ".";
                feedForwardMaps(config).forEach((name, shape) -> shapes.put(network + name + ".weight", shape));
            }
        });
        family.normTensors().forEach(norm -> shapes.put(prefix + norm, List.of(hidden)));
    }

    /// Returns the name prefix of the tensors of one recursion step after the first, in one layer.
    ///
    /// @param layer a unique layer of the recursion
    /// @param step the recursion step, from 1
    /// @return the prefix of such names
    public static String step(int layer, int step) {
        return "model.layers." + layer + ".steps." + step + ".";
    }

    /// Lists the linear maps of a layer that recursion steps after the first compute; each of these steps may
    /// add a low-rank update to them. Key and value projections are excluded if the first step's keys and
    /// values are reused, and so are the maps of experts.
    ///
    /// @param config the model
    /// @return name, without the layer's prefix, to shape
    public static SequencedMap<String, List<Long>> mapsOfSteps(ModelConfig config) {
        SequencedMap<String, List<Long>> maps = linearMaps(config);
        if (config.kvSharing() == KeyValueSharing.RECURSIVE) {
            maps.remove("self_attn.k_proj");
            maps.remove("self_attn.v_proj");
        }
        return maps;
    }

    /// The linear maps of a layer in checkpoint order, without those of experts: name to shape.
    private static SequencedMap<String, List<Long>> linearMaps(ModelConfig config) {
        long hidden = config.hiddenSize();
        long queries = (long) config.numAttentionHeads() * config.headDim();
        long keys = (long) config.numKeyValueHeads() * config.headDim();
        SequencedMap<String, List<Long>> maps = new LinkedHashMap<>();
        maps.put("self_attn.q_proj", List.of(queries, hidden));
        maps.put("self_attn.k_proj", List.of(keys, hidden));
        maps.put("self_attn.v_proj", List.of(keys, hidden));
        maps.put(OUTPUT, List.of(hidden, queries));
        if (config.architecture().experts().isEmpty()) {
            feedForwardMaps(config).forEach((name, shape) -> maps.put("mlp." + name, shape));
        }
        return maps;
    }

    private static SequencedMap<String, List<Long>> feedForwardMaps(ModelConfig config) {
        long hidden = config.hiddenSize();
        long inner = config.intermediateSize();
        SequencedMap<String, List<Long>> maps = new LinkedHashMap<>();
        if (config.architecture().family().gatesFeedForward()) {
            maps.put("gate_proj", List.of(inner, hidden));
        }
        maps.put("up_proj", List.of(inner, hidden));
        maps.put("down_proj", List.of(hidden, inner));
        return maps;
    }

    private static void addSteps(SequencedMap<String, List<Long>> shapes, Recursion recursion, ModelConfig config) {
        LayerMap map = config.layerMap();
        List<String> norms = config.architecture().family().normTensors();
        for (int layer = map.firstShared(); layer < map.firstShared() + map.blockSize(); layer++) {
            for (int step = 1; step < recursion.numRecursions(); step++) {
                String prefix = step(layer, step);
                recursion
                        .stepLora()
                        .ifPresent(lora -> mapsOfSteps(config).forEach((name, shape) -> {
                            shapes.put(prefix + name + LORA_A, List.of((long) lora.rank(), shape.getLast()));
                            shapes.put(prefix + name + LORA_B, List.of(shape.getFirst(), (long) lora.rank()));
                        }));
                if (recursion.stepNorms()) {
                    norms.forEach(norm -> shapes.put(prefix + norm, List.of((long) config.hiddenSize())));
                }
            }
        }
    }

    private static boolean hasBias(String map, Biases biases) {
        return map.startsWith("mlp.")
                ? biases.feedForward()
                : map.equals(OUTPUT) ? biases.output() : biases.queryKeyValue();
    }

    private static void addQueryKeyNorms(
            SequencedMap<String, List<Long>> shapes, String prefix, QueryKeyNorm norm, ModelConfig config) {
        if (norm != QueryKeyNorm.NONE) {
            boolean isWhole = norm == QueryKeyNorm.WHOLE_PROJECTION;
            long width = config.headDim();
            shapes.put(
                    prefix + "self_attn.q_norm.weight", List.of(isWhole ? config.numAttentionHeads() * width : width));
            shapes.put(
                    prefix + "self_attn.k_norm.weight", List.of(isWhole ? config.numKeyValueHeads() * width : width));
        }
    }

    private static void addRouters(SequencedMap<String, List<Long>> shapes, ModelConfig config) {
        switch (config.routing()) {
            case Routing.None _, Routing.Random _ -> {}
            case Routing.ExpertChoice expert ->
                addEach(shapes, "model.routers.", expert.router().type(), config);
            case Routing.ExpertThreshold expert ->
                addEach(shapes, "model.routers.", expert.router().type(), config);
            case Routing.TokenChoice token ->
                addRouter(shapes, "model.router.", token.router().type(), config, config.numRecursions());
        }
    }

    private static void addEach(
            SequencedMap<String, List<Long>> shapes, String prefix, RouterType type, ModelConfig config) {
        for (int step = 0; step < config.numRecursions(); step++) {
            addRouter(shapes, prefix + step + ".", type, config, 1);
        }
    }

    private static void addRouter(
            SequencedMap<String, List<Long>> shapes, String prefix, RouterType type, ModelConfig config, long outputs) {
        long hidden = config.hiddenSize();
        long inner = type.hiddenFactor() * hidden;
        switch (type) {
            case LINEAR, POSITION -> shapes.put(prefix + "weight", List.of(outputs, hidden));
            case MLP, WIDE_MLP -> {
                shapes.put(prefix + "0.weight", List.of(inner, hidden));
                shapes.put(prefix + "2.weight", List.of(outputs, inner));
            }
        }
    }
}
