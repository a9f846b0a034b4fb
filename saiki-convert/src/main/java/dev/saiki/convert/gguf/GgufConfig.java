package dev.saiki.convert.gguf;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.io.InputException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The structure of a model as GGUF metadata and as `config.json` with Hugging Face's keys.
final class GgufConfig {

    /// Ignored keys, which restate the family's defaults or do not affect the computation.
    private static final List<String> HARMLESS = List.of("vocab_size", "tensor_data_layout", "use_parallel_residual");

    /// The tensor of the head.
    static final String HEAD = "output.weight";

    /// The tensor of the embedding.
    static final String EMBEDDING = "token_embd.weight";

    private static final String CONTEXT = "context_length";
    private static final String HIDDEN = "embedding_length";
    private static final String LAYERS = "block_count";
    private static final String INNER = "feed_forward_length";
    private static final String EXPERTS = "expert_count";
    private static final String USED_EXPERTS = "expert_used_count";
    private static final String WIDTH_OF_EXPERTS = "expert_feed_forward_length";
    private static final String USED_IN_CHECKPOINT = "num_experts_per_tok";
    private static final String WIDTH_IN_CHECKPOINT = "moe_intermediate_size";
    private static final String RENORMALISED = "norm_topk_prob";
    private static final String HEADS = "attention.head_count";
    private static final String GROUPS = "attention.head_count_kv";
    private static final String KEY_WIDTH = "attention.key_length";
    private static final String VALUE_WIDTH = "attention.value_length";
    private static final String ROTATED = "rope.dimension_count";
    private static final String ROTATED_SHARE = "partial_rotary_factor";
    private static final String EPSILON = "attention.layer_norm_rms_epsilon";
    private static final Map<GgufArchitecture, String> EPSILON_OF_CENTRED =
            Map.of(GgufArchitecture.COHERE2, "layer_norm_eps", GgufArchitecture.STARCODER2, "norm_epsilon");
    private static final String CENTRED_EPSILON = "attention.layer_norm_epsilon";
    private static final String THETA = "rope.freq_base";
    private static final String LOGIT_SCALE = "logit_scale";

    private static final String ATTENTION_SCALE = "attention.scale";

    /// Granite's factors, and their keys in a checkpoint.
    private static final Map<String, String> SCALES = Map.of(
            "embedding_scale",
            "embedding_multiplier",
            ATTENTION_SCALE,
            "attention_multiplier",
            "residual_scale",
            "residual_multiplier",
            LOGIT_SCALE,
            "logits_scaling");

    /// Gemma 2's bounds, and their keys in a checkpoint.
    private static final List<String> CAPS = List.of("attn_logit_softcapping", "final_logit_softcapping");

    private static final String QUERY_SCALAR = "query_pre_attn_scalar";

    /// The numbers of layers by which llama.cpp recognises the models whose scores have another factor.
    private static final Map<GgufArchitecture, Integer> LAYERS_OF_GEMMA_27B =
            Map.of(GgufArchitecture.GEMMA2, 46, GgufArchitecture.GEMMA3, 62);

    private GgufConfig() {}

    /// Reads the structure of a model.
    ///
    /// @param file the file
    /// @param architecture the model's family
    /// @return the content of a `config.json`
    /// @throws InputException if a key is missing, unknown or not supported; the message names it
    static ObjectNode read(GgufFile file, GgufArchitecture architecture) {
        GgufMetadata metadata = file.metadata();
        String prefix = architecture.key() + ".";
        refuseUnknown(metadata, architecture);
        int hidden = metadata.requireWhole(prefix + HIDDEN);
        int heads = metadata.requireWhole(prefix + HEADS);
        int headDim = metadata.whole(prefix + KEY_WIDTH).orElseGet(() -> heads == 0 ? 0 : hidden / heads);
        requireEqual(metadata, prefix + VALUE_WIDTH, headDim);
        int rotated = metadata.whole(prefix + ROTATED).orElse(headDim);
        if (architecture != GgufArchitecture.PHI3 && architecture != GgufArchitecture.GLM4) {
            requireEqual(metadata, prefix + ROTATED, headDim);
        }
        ObjectNode config = JsonMapper.shared().createObjectNode();
        int layers = metadata.requireWhole(prefix + LAYERS);
        config.put(
                "model_type",
                architecture.modelType(
                        GgufWindows.areIn(metadata, architecture, layers), hasExperts(metadata, prefix)));
        config.put("vocab_size", vocabulary(file));
        config.put("hidden_size", hidden);
        config.put("intermediate_size", metadata.requireWhole(prefix + INNER));
        readExperts(metadata, architecture, config);
        config.put("num_hidden_layers", layers);
        config.put("num_attention_heads", heads);
        config.put("num_key_value_heads", metadata.whole(prefix + GROUPS).orElse(heads));
        config.put("head_dim", headDim);
        config.put("max_position_embeddings", metadata.requireWhole(prefix + CONTEXT));
        config.put(epsilonInCheckpoint(architecture), require(metadata, prefix + epsilon(architecture)));
        config.put("rope_theta", metadata.real(prefix + THETA).orElse(10_000.0));
        config.put("tie_word_embeddings", headIsEmbedding(file));
        putBiases(file, architecture, config);
        switch (architecture) {
            case QWEN2, QWEN3, QWEN3MOE, SMOLLM3 ->
                config.put("use_sliding_window", false).putNull("sliding_window");
            case GRANITE, GRANITEMOE ->
                SCALES.forEach((key, name) -> metadata.real(prefix + key)
                        .filter(scale -> scale != 0)
                        .or(() -> Optional.of(1.0).filter(_ -> !key.equals(ATTENTION_SCALE)))
                        .ifPresentOrElse(
                                scale -> config.put(name, scale), () -> config.put(name, 1 / Math.sqrt(headDim))));
            case GEMMA2 -> {
                config.put(QUERY_SCALAR, queryScalar(architecture, layers, hidden, heads, headDim));
                CAPS.forEach(key -> metadata.real(prefix + key).ifPresent(cap -> config.put(key, cap)));
            }
            case GEMMA3 -> config.put(QUERY_SCALAR, queryScalar(architecture, layers, hidden, heads, headDim));
            case COHERE2 -> config.put(LOGIT_SCALE, require(metadata, prefix + LOGIT_SCALE));
            case PHI3, GLM4 -> config.put(ROTATED_SHARE, share(rotated, headDim));
            case STARCODER2 -> config.put("use_bias", file.tensors().containsKey("blk.0.ffn_up.bias"));
            case LLAMA, MISTRAL3, OLMO2, OLMOE, EXAONE4, SEED_OSS -> {}
        }
        GgufWindows.read(metadata, architecture, layers, config);
        GgufRope.read(file, prefix, rotated, config);
        putToken(metadata, "bos", config);
        putToken(metadata, "eos", config);
        return config;
    }

    private static boolean hasExperts(GgufMetadata metadata, String prefix) {
        return metadata.whole(prefix + EXPERTS).orElse(0) > 0;
    }

    private static void readExperts(GgufMetadata metadata, GgufArchitecture architecture, ObjectNode config) {
        String prefix = architecture.key() + ".";
        if (!hasExperts(metadata, prefix)) {
            return;
        }
        config.put(expertsInCheckpoint(architecture), metadata.requireWhole(prefix + EXPERTS));
        config.put(USED_IN_CHECKPOINT, metadata.requireWhole(prefix + USED_EXPERTS));
        if (architecture == GgufArchitecture.QWEN3MOE) {
            config.put(WIDTH_IN_CHECKPOINT, metadata.requireWhole(prefix + WIDTH_OF_EXPERTS));
            config.put(RENORMALISED, architecture.renormalisesExperts());
        }
    }

    private static void writeExperts(JsonNode config, GgufArchitecture architecture, GgufWriter writer) {
        String prefix = architecture.key() + ".";
        if (config.has(USED_IN_CHECKPOINT)) {
            writer.put(
                            prefix + EXPERTS,
                            config.path(expertsInCheckpoint(architecture)).intValue())
                    .put(prefix + USED_EXPERTS, config.path(USED_IN_CHECKPOINT).intValue());
        }
        if (config.has(WIDTH_IN_CHECKPOINT)) {
            writer.put(
                    prefix + WIDTH_OF_EXPERTS, config.path(WIDTH_IN_CHECKPOINT).intValue());
        }
    }

    private static String expertsInCheckpoint(GgufArchitecture architecture) {
        return switch (architecture) {
            case QWEN3MOE, OLMOE -> "num_experts";
            default -> "num_local_experts";
        };
    }

    private static double require(GgufMetadata metadata, String key) {
        return metadata.real(key).orElseThrow(() -> new InputException(metadata.where() + ": " + key + " is missing"));
    }

    private static String epsilon(GgufArchitecture architecture) {
        return EPSILON_OF_CENTRED.containsKey(architecture) ? CENTRED_EPSILON : EPSILON;
    }

    private static String epsilonInCheckpoint(GgufArchitecture architecture) {
        return EPSILON_OF_CENTRED.getOrDefault(architecture, "rms_norm_eps");
    }

    /// The smallest share of a head that, times its width and rounded down, gives a number of elements.
    private static double share(int rotated, int headDim) {
        double share = (double) rotated / headDim;
        return (int) (headDim * share) == rotated ? share : Math.nextUp(share);
    }

    /// Whether the head is tied: either the file has no head, or the head's bytes equal the embedding's,
    /// because llama.cpp requires both tensors for some families.
    static boolean headIsEmbedding(GgufFile file) {
        Optional<StoredTensor> head = Optional.ofNullable(file.tensors().get(HEAD));
        Optional<StoredTensor> embedding = Optional.ofNullable(file.tensors().get(EMBEDDING));
        if (head.isEmpty() || embedding.isEmpty()) {
            return head.isEmpty();
        }
        return head.get().type() == embedding.get().type()
                && head.get().shape().equals(embedding.get().shape())
                && head.get().data().mismatch(embedding.get().data()) < 0;
    }

    /// The `query_pre_attn_scalar` with which llama.cpp computes a Gemma of these sizes.
    private static int queryScalar(GgufArchitecture architecture, int layers, int hidden, int heads, int headDim) {
        return LAYERS_OF_GEMMA_27B.getOrDefault(architecture, 0) == layers && heads > 0 ? hidden / heads : headDim;
    }

    private static void putBiases(GgufFile file, GgufArchitecture architecture, ObjectNode config) {
        if (architecture != GgufArchitecture.QWEN2) {
            config.put("attention_bias", file.tensors().containsKey("blk.0.attn_q.bias"));
        }
        if (hasAllBiases(architecture)) {
            config.put("mlp_bias", file.tensors().containsKey("blk.0.ffn_up.bias"));
        }
    }

    private static boolean hasAllBiases(GgufArchitecture architecture) {
        return architecture == GgufArchitecture.LLAMA || architecture == GgufArchitecture.GRANITE;
    }

    private static int vocabulary(GgufFile file) {
        StoredTensor embedding = Optional.ofNullable(file.tensors().get(EMBEDDING))
                .orElseThrow(
                        () -> new InputException(file.metadata().where() + ": tensor " + EMBEDDING + " is missing"));
        return Math.toIntExact(Math.min(Integer.MAX_VALUE, embedding.shape().getFirst()));
    }

    private static void requireEqual(GgufMetadata metadata, String key, int wanted) {
        metadata.whole(key).filter(value -> value != wanted).ifPresent(value -> {
            throw metadata.wrong(key, "equal to the width of a head, " + wanted, value);
        });
    }

    private static void putToken(GgufMetadata metadata, String name, ObjectNode config) {
        metadata.whole("tokenizer.ggml." + name + "_token_id")
                .ifPresentOrElse(id -> config.put(name + "_token_id", id), () -> config.putNull(name + "_token_id"));
    }

    private static void refuseUnknown(GgufMetadata metadata, GgufArchitecture architecture) {
        String prefix = architecture.key() + ".";
        Set<String> known = new TreeSet<>(HARMLESS);
        known.addAll(List.of(
                CONTEXT,
                HIDDEN,
                LAYERS,
                INNER,
                EXPERTS,
                USED_EXPERTS,
                HEADS,
                GROUPS,
                KEY_WIDTH,
                VALUE_WIDTH,
                ROTATED,
                epsilon(architecture),
                THETA));
        known.addAll(GgufRope.keys());
        if (architecture == GgufArchitecture.QWEN3MOE) {
            known.add(WIDTH_OF_EXPERTS);
        }
        if (architecture == GgufArchitecture.GRANITE || architecture == GgufArchitecture.GRANITEMOE) {
            known.addAll(SCALES.keySet());
        }
        if (architecture == GgufArchitecture.MISTRAL3) {
            known.add(GgufRope.QUERY_GROWTH);
        }
        if (architecture == GgufArchitecture.COHERE2) {
            known.add(LOGIT_SCALE);
        }
        if (architecture == GgufArchitecture.GEMMA2) {
            known.addAll(CAPS);
        }
        if (List.of(GgufArchitecture.EXAONE4, GgufArchitecture.PHI3).contains(architecture)
                || architecture.hasWindows(0)) {
            known.addAll(GgufWindows.keys());
        }
        for (String key : metadata.keys()) {
            if (key.startsWith(prefix) && !known.contains(key.substring(prefix.length()))) {
                boolean off =
                        metadata.values().get(key) instanceof GgufValue.Whole(long value, ValueType _) && value == 0;
                if (!off) {
                    throw new InputException(metadata.where() + ": " + key + " is not supported and could change what"
                            + " the model computes");
                }
            }
        }
    }

    /// Writes the structure of a model.
    ///
    /// @param config the content of a vanilla model's `config.json`, as Saiki writes it
    /// @param architecture the model's family
    /// @param writer receives the metadata
    /// @return the divisors of the rotary frequencies, by the name of the tensor that stores them
    /// @throws InputException if llama.cpp would compute something different; the message names the key
    static Map<String, double[]> write(JsonNode config, GgufArchitecture architecture, GgufWriter writer) {
        refuseUnwritable(config, architecture);
        String prefix = architecture.key() + ".";
        int headDim = config.path("head_dim").intValue();
        int rotated = (int) (headDim * config.path(ROTATED_SHARE).doubleValue(1));
        writer.put(prefix + "vocab_size", config.path("vocab_size").intValue())
                .put(prefix + CONTEXT, config.path("max_position_embeddings").intValue())
                .put(prefix + HIDDEN, config.path("hidden_size").intValue())
                .put(prefix + LAYERS, config.path("num_hidden_layers").intValue())
                .put(prefix + INNER, config.path("intermediate_size").intValue())
                .put(prefix + HEADS, config.path("num_attention_heads").intValue())
                .put(prefix + GROUPS, config.path("num_key_value_heads").intValue())
                .put(prefix + KEY_WIDTH, headDim)
                .put(prefix + VALUE_WIDTH, headDim)
                .put(prefix + ROTATED, rotated)
                .put(
                        prefix + epsilon(architecture),
                        config.path(epsilonInCheckpoint(architecture)).doubleValue())
                .put(prefix + THETA, config.path("rope_theta").doubleValue());
        writeExperts(config, architecture, writer);
        SCALES.forEach((key, name) -> {
            if (config.path(name).isNumber()) {
                writer.put(prefix + key, config.path(name).doubleValue());
            }
        });
        Stream.concat(CAPS.stream(), Stream.of(LOGIT_SCALE))
                .filter(key -> config.path(key).isNumber())
                .forEach(key -> writer.put(prefix + key, config.path(key).doubleValue()));
        GgufWindows.write(config, architecture, writer);
        return GgufRope.write(config, architecture, rotated, writer);
    }

    private static void refuseUnwritable(JsonNode config, GgufArchitecture architecture) {
        if (config.path("sliding_window").isInt()
                && config.path("use_sliding_window").booleanValue(true)
                && !architecture.hasWindows(config.path("num_hidden_layers").intValue())
                && config.path("sliding_window").intValue()
                        < config.path("max_position_embeddings").intValue()) {
            throw new InputException("sliding_window "
                    + config.path("sliding_window").intValue()
                    + " cannot be written to GGUF: llama.cpp computes models of type "
                    + config.path("model_type").stringValue()
                    + " without a window");
        }
        int headDim = config.path("head_dim").intValue();
        int usual = config.path("hidden_size").intValue()
                / config.path("num_attention_heads").intValue();
        if (architecture == GgufArchitecture.QWEN2 && headDim != usual) {
            throw new InputException("head_dim " + headDim
                    + " cannot be written to GGUF: llama.cpp reads models of type "
                    + config.path("model_type").stringValue()
                    + " only if head_dim is hidden_size / num_attention_heads (" + usual + ")");
        }
        if (architecture == GgufArchitecture.SMOLLM3) {
            int layer = 0;
            for (JsonNode rotated : config.path("no_rope_layers").values()) {
                layer++;
                if ((rotated.intValue() == 0) != (layer % 4 == 0)) {
                    throw new InputException("no_rope_layers cannot be written to GGUF: llama.cpp omits positions in"
                            + " every fourth layer of smollm3 and in no other model");
                }
            }
        }
        if (List.of(
                                GgufArchitecture.OLMO2,
                                GgufArchitecture.OLMOE,
                                GgufArchitecture.EXAONE4,
                                GgufArchitecture.PHI3,
                                GgufArchitecture.COHERE2,
                                GgufArchitecture.STARCODER2)
                        .contains(architecture)
                && headDim * config.path("num_attention_heads").intValue()
                        != config.path("hidden_size").intValue()) {
            throw new InputException(
                    "head_dim times num_attention_heads must equal hidden_size to write GGUF for model_type "
                            + config.path("model_type").stringValue());
        }
        refuseUnwritableKeys(config, architecture);
        refuseUnwritableBiases(config, architecture);
    }

    private static void refuseUnwritableBiases(JsonNode config, GgufArchitecture architecture) {
        if (!config.path("use_bias").booleanValue(true)) {
            throw new InputException("use_bias false cannot be written to GGUF: llama.cpp requires the biases of every "
                    + architecture.key() + " model");
        }
        List<String> biases = Stream.of("attention_bias", "attention_out_bias", "mlp_bias")
                .filter(key -> config.path(key).booleanValue(false))
                .filter(key -> !key.equals("attention_bias")
                        || !List.of(GgufArchitecture.SEED_OSS, GgufArchitecture.GLM4)
                                .contains(architecture))
                .toList();
        if (!biases.isEmpty() && !hasAllBiases(architecture)) {
            throw new InputException(biases.getFirst() + " cannot be written to GGUF for a model of type "
                    + config.path("model_type").stringValue());
        }
    }

    private static void refuseUnwritableKeys(JsonNode config, GgufArchitecture architecture) {
        int groups = config.path("num_key_value_heads").intValue();
        if (architecture == GgufArchitecture.OLMOE
                && groups != config.path("num_attention_heads").intValue()) {
            throw new InputException("num_key_value_heads " + groups
                    + " cannot be written to GGUF: llama.cpp computes OLMoE with as many of them as of query heads");
        }
        if (config.has(RENORMALISED)
                && config.path(RENORMALISED).booleanValue() != architecture.renormalisesExperts()) {
            throw new InputException("norm_topk_prob " + config.path(RENORMALISED)
                    + " cannot be written to GGUF: llama.cpp computes every " + architecture.key() + " model with "
                    + architecture.renormalisesExperts());
        }
        if (config.has(QUERY_SCALAR)) {
            double scalar = config.path(QUERY_SCALAR).doubleValue();
            int computed = queryScalar(
                    architecture,
                    config.path("num_hidden_layers").intValue(),
                    config.path("hidden_size").intValue(),
                    config.path("num_attention_heads").intValue(),
                    config.path("head_dim").intValue());
            if (scalar != computed) {
                throw new InputException("query_pre_attn_scalar " + scalar
                        + " cannot be written to GGUF: llama.cpp computes this model with " + computed);
            }
        }
        if (architecture != GgufArchitecture.GEMMA2 && architecture != GgufArchitecture.COHERE2) {
            return;
        }
        Stream.concat(CAPS.stream(), Stream.of("sliding_window"))
                .filter(key -> config.path(key).isNull())
                .findFirst()
                .ifPresent(key -> {
                    throw new InputException(key + " null cannot be written to GGUF: llama.cpp computes every "
                            + architecture.key() + " model with a number");
                });
        if (!config.path("tie_word_embeddings").booleanValue()) {
            throw new InputException("tie_word_embeddings false cannot be written to GGUF: llama.cpp computes every "
                    + architecture.key() + " model with the embedding as its head");
        }
    }
}
