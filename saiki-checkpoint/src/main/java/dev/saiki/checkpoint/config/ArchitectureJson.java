package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.JsonFields;
import dev.saiki.checkpoint.json.ValueChecks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The JSON form of an {@link Architecture}, with the keys of Hugging Face's class for the family.
///
/// A key that the family's class does not read is accepted if its value has no effect.
record ArchitectureJson(JsonFields fields, ModelFamily family, int layers) {

    private static final String PATTERN = "sliding_window_pattern";
    private static final String LOCAL_THETA = "rope_local_base_freq";
    private static final String QUERY_SCALAR = "query_pre_attn_scalar";
    private static final String SCORE_CAP = "attn_logit_softcapping";
    private static final String USE_BIAS = "use_bias";
    private static final String LOGIT_SCALE = "logit_scale";
    private static final String LOGIT_CAP = "final_logit_softcapping";

    private static final Set<String> FACTORS =
            Set.of("embedding_multiplier", "attention_multiplier", "residual_multiplier", "logits_scaling");

    /// The keys that only some families have; in other families they must be absent or null.
    private static final Map<ModelFamily, Set<String>> OWN_KEYS =
            Arrays.stream(ModelFamily.values()).collect(Collectors.toMap(family -> family, ArchitectureJson::ownKeys));

    static final Set<String> KEYS = Stream.concat(
                    Stream.of(
                            "attention_bias",
                            "embedding_size",
                            "mlp_bias",
                            "sliding_window",
                            "use_sliding_window",
                            "max_window_layers",
                            "layer_types",
                            "no_rope_layer_interval",
                            "rope_scaling",
                            "rope_parameters"),
                    OWN_KEYS.values().stream().flatMap(Set::stream))
            .collect(Collectors.toUnmodifiableSet());

    private static Set<String> ownKeys(ModelFamily family) {
        return switch (family) {
            case SMOLLM3 -> Set.of("no_rope_layers");
            case PHI3 -> Set.of(RopeJson.ORIGINAL);
            case SEED_OSS -> Set.of("attention_out_bias");
            case GRANITE -> FACTORS;
            case GRANITEMOE ->
                Stream.concat(FACTORS.stream(), Experts.keys(family).stream()).collect(Collectors.toUnmodifiableSet());
            case MIXTRAL, QWEN3_MOE, OLMOE -> Experts.keys(family);
            case EXAONE4 -> Set.of(PATTERN);
            case COHERE2 -> Set.of(PATTERN, LOGIT_SCALE, family.epsilonKey());
            case STARCODER2 -> Set.of(USE_BIAS, family.epsilonKey());
            case GEMMA2 -> Set.of(QUERY_SCALAR, SCORE_CAP, LOGIT_CAP);
            case GEMMA3_TEXT -> Set.of(PATTERN, QUERY_SCALAR, LOCAL_THETA);
            default -> Set.of();
        };
    }

    private static final String FULL = "full_attention";
    private static final String SLIDING = "sliding_attention";

    /// Mistral's window, if the key is missing.
    private static final int MISTRAL_WINDOW = 4096;

    /// Qwen's window, if the key is missing.
    private static final int QWEN_WINDOW = 4096;
    /// Qwen's first layer with a window, if the key is missing.
    private static final int QWEN_FIRST_WINDOW_LAYER = 28;
    /// The interval between SmolLM's layers without rotation, if the key is missing.
    private static final int SMOLLM_INTERVAL = 4;

    /// The window of OLMo 3, EXAONE 4, Cohere 2, Gemma 2 and Gemma 3, if the key is missing.
    private static final int USUAL_WINDOW = 4096;
    /// The interval between layers without a window in OLMo 3, and in EXAONE 4 and Cohere 2 if the key is missing.
    private static final int USUAL_PATTERN = 4;
    /// The same in Gemma 2.
    private static final int GEMMA2_PATTERN = 2;
    /// The same in Gemma 3.
    private static final int GEMMA_PATTERN = 6;

    private static final double GLM_ROTATED_SHARE = 0.5;
    private static final double COHERE_LOGIT_SCALE = 0.0625;
    private static final double GEMMA_LOCAL_THETA = 10_000;
    private static final double GEMMA_QUERY_SCALAR = 256;
    private static final double GEMMA_SCORE_CAP = 50;
    private static final double GEMMA_LOGIT_CAP = 30;

    /// Reads the differences from the original Llama.
    ///
    /// @param fields the whole configuration
    /// @param layers unrolled layers
    /// @param maxPositions the context length
    static Architecture read(JsonFields fields, ModelFamily family, int layers, int maxPositions) {
        ValueChecks.range("num_hidden_layers", layers, 1, ModelConfig.MAX_LAYERS);
        ArchitectureJson reader = new ArchitectureJson(fields, family, layers);
        keysOfOthers(family).forEach(reader::requireAbsent);
        List<Integer> unrotated = reader.unrotatedLayers();
        Optional<SlidingWindow> window = reader.slidingWindow(unrotated);
        return new Architecture(
                family,
                reader.biases(),
                new RotaryPositions(
                        RopeJson.readScaling(fields, family, maxPositions),
                        reader.windowTheta(),
                        RopeJson.readRotatedShare(fields, family.isGlm() ? GLM_ROTATED_SHARE : 1)),
                window,
                family.rotatesByWindow() ? family.unrotated(window, layers) : unrotated,
                fields.optionalInt("embedding_size").map(OptionalInt::of).orElseGet(OptionalInt::empty),
                family.hasExperts() ? Optional.of(Experts.read(fields, family)) : Optional.empty(),
                reader.scales());
    }

    /// The keys that only other families have.
    static Set<String> keysOfOthers(ModelFamily family) {
        Set<String> own = OWN_KEYS.getOrDefault(family, Set.of());
        return OWN_KEYS.values().stream()
                .flatMap(Set::stream)
                .filter(key -> !own.contains(key))
                .collect(Collectors.toUnmodifiableSet());
    }

    private OptionalDouble windowTheta() {
        return family == ModelFamily.GEMMA3_TEXT
                ? OptionalDouble.of(RopeJson.readWindowTheta(fields)
                        .or(() -> fields.optionalDouble(LOCAL_THETA))
                        .orElse(GEMMA_LOCAL_THETA))
                : OptionalDouble.empty();
    }

    private Scales scales() {
        return switch (family) {
            case GRANITE, GRANITEMOE ->
                new Scales(
                        number("embedding_multiplier"),
                        OptionalDouble.of(number("attention_multiplier")),
                        number("residual_multiplier"),
                        number("logits_scaling"),
                        SoftCaps.NONE);
            case COHERE2 -> {
                double scale = fields.optionalDouble(LOGIT_SCALE).orElse(COHERE_LOGIT_SCALE);
                ValueChecks.positive(LOGIT_SCALE, scale);
                yield Scales.NONE.withLogits(1 / scale);
            }
            case GEMMA2 ->
                queryScale().withCaps(new SoftCaps(cap(SCORE_CAP, GEMMA_SCORE_CAP), cap(LOGIT_CAP, GEMMA_LOGIT_CAP)));
            case GEMMA3_TEXT -> queryScale();
            default -> Scales.NONE;
        };
    }

    private Scales queryScale() {
        double scalar = fields.optionalDouble(QUERY_SCALAR).orElse(GEMMA_QUERY_SCALAR);
        ValueChecks.positive(QUERY_SCALAR, scalar);
        return Scales.NONE.withAttention(OptionalDouble.of(1 / Math.sqrt(scalar)));
    }

    /// A bound; null means none.
    private OptionalDouble cap(String key, double usual) {
        return fields.keys().contains(key)
                ? fields.optionalDouble(key).map(OptionalDouble::of).orElseGet(OptionalDouble::empty)
                : OptionalDouble.of(usual);
    }

    private double number(String key) {
        return fields.optionalDouble(key).orElse(1.0);
    }

    private Biases biases() {
        if (family == ModelFamily.STARCODER2) {
            return fields.optionalBoolean(USE_BIAS).orElse(true) ? Biases.ALL : Biases.NONE;
        }
        boolean isSeed = family == ModelFamily.SEED_OSS;
        boolean attention = fields.optionalBoolean("attention_bias").orElse(isSeed || family.isGlm());
        boolean output =
                isSeed ? fields.optionalBoolean("attention_out_bias").orElse(false) : attention && !family.isGlm();
        boolean feedForward = fields.optionalBoolean("mlp_bias").orElse(false);
        boolean queryKeyValue = attention || family == ModelFamily.QWEN2;
        Biases biases = new Biases(queryKeyValue, output, feedForward);
        if (!family.allowedBiases().contains(biases)) {
            String key =
                    attention && !family.allowedBiases().contains(Biases.ATTENTION) ? "attention_bias" : "mlp_bias";
            throw ValueChecks.wrong(key, "false, the only supported value with model_type " + family.key(), "true");
        }
        return biases;
    }

    private List<Integer> unrotatedLayers() {
        if (family != ModelFamily.SMOLLM3) {
            return List.of();
        }
        Optional<List<Double>> rotated = fields.optionalDoubles("no_rope_layers");
        int interval = fields.optionalInt("no_rope_layer_interval").orElse(SMOLLM_INTERVAL);
        ValueChecks.range("no_rope_layer_interval", interval, 1, Integer.MAX_VALUE);
        if (rotated.isEmpty()) {
            return layersThat(layer -> (layer + 1) % interval == 0);
        }
        List<Double> entries = rotated.get();
        if (entries.size() < layers || entries.stream().anyMatch(entry -> entry != 0 && entry != 1)) {
            throw ValueChecks.wrong(
                    "no_rope_layers", "a list with a 0 or 1 for each of the " + layers + " layers", entries);
        }
        return layersThat(layer -> entries.get(layer) == 0);
    }

    private Optional<SlidingWindow> slidingWindow(List<Integer> unrotated) {
        return switch (family) {
            case LLAMA, OLMO2, OLMOE, GRANITE, GRANITEMOE, SEED_OSS, GLM, GLM4 -> {
                requireAbsent("sliding_window");
                requireFullAttention();
                yield Optional.empty();
            }
            case MISTRAL -> {
                // Null means no window; a missing key means the default.
                Optional<Integer> size = fields.optionalInt("sliding_window")
                        .or(() -> fields.keys().contains("sliding_window")
                                ? Optional.empty()
                                : Optional.of(MISTRAL_WINDOW));
                if (size.isEmpty()) {
                    requireFullAttention();
                }
                yield window(size, layersThat(_ -> true));
            }
            case PHI3, MINISTRAL3, MIXTRAL, STARCODER2 -> {
                requireFullAttention();
                yield window(fields.optionalInt("sliding_window"), layersThat(_ -> true));
            }
            case QWEN2, QWEN3 -> {
                int first = fields.optionalInt("max_window_layers").orElse(QWEN_FIRST_WINDOW_LAYER);
                Optional<Integer> size = fields.keys().contains("sliding_window")
                        ? fields.optionalInt("sliding_window")
                        : Optional.of(QWEN_WINDOW);
                yield switchedWindow(size, layersThat(layer -> layer >= first));
            }
            case QWEN3_MOE ->
                switchedWindow(
                        fields.optionalInt("sliding_window").or(() -> Optional.of(QWEN_WINDOW)), layersThat(_ -> true));
            case SMOLLM3 -> switchedWindow(fields.optionalInt("sliding_window"), unrotated);
            case OLMO3 -> patternedWindow(USUAL_PATTERN);
            case EXAONE4, COHERE2 -> patternedWindow(pattern(USUAL_PATTERN));
            case GEMMA2 -> patternedWindow(GEMMA2_PATTERN);
            case GEMMA3_TEXT -> patternedWindow(pattern(GEMMA_PATTERN));
        };
    }

    /// The window of a family that has one in all layers except every n-th. `layer_types` names other layers, and null
    /// for `sliding_window` means no window.
    ///
    /// @param interval n; 0 for no layer with a window
    private Optional<SlidingWindow> patternedWindow(int interval) {
        Optional<Integer> size = fields.keys().contains("sliding_window")
                ? fields.optionalInt("sliding_window")
                : Optional.of(USUAL_WINDOW);
        List<Integer> usual = layersThat(layer -> interval > 0 && (layer + 1) % interval != 0);
        Optional<List<Integer>> listed = layerTypes();
        if (size.isEmpty() && listed.filter(some -> !some.isEmpty()).isPresent()) {
            throw ValueChecks.wrong("sliding_window", "a number if layer_types names " + SLIDING, "null");
        }
        return window(size, listed.orElse(usual));
    }

    /// The interval between layers without a window: a number, or a text such as LLLG for 4.
    private int pattern(int usual) {
        Optional<JsonNode> pattern = fields.value(PATTERN);
        if (pattern.isEmpty()) {
            return fields.keys().contains(PATTERN) ? 0 : usual;
        }
        if (pattern.get().isString() && pattern.get().stringValue().matches("L*G")) {
            return pattern.get().stringValue().length();
        }
        int interval = fields.optionalInt(PATTERN).orElse(0);
        ValueChecks.range(PATTERN, interval, 0, ModelConfig.MAX_LAYERS);
        return interval;
    }

    /// The window of a family that has the key `use_sliding_window`; `layer_types` overrides the default layers.
    private Optional<SlidingWindow> switchedWindow(Optional<Integer> size, List<Integer> usual) {
        boolean on = fields.optionalBoolean("use_sliding_window").orElse(false) && size.isPresent();
        List<Integer> chosen = layerTypes().orElse(usual);
        if (!on && layerTypes().filter(listed -> !listed.isEmpty()).isPresent()) {
            throw ValueChecks.wrong("use_sliding_window", "true if layer_types names " + SLIDING, "no window");
        }
        return on ? window(size, chosen) : Optional.empty();
    }

    private static Optional<SlidingWindow> window(Optional<Integer> size, List<Integer> layers) {
        return layers.isEmpty() ? Optional.empty() : size.map(positions -> new SlidingWindow(positions, layers));
    }

    /// The layers with a window according to `layer_types`, if that key is present.
    private Optional<List<Integer>> layerTypes() {
        Optional<JsonNode> list = fields.value("layer_types");
        if (list.isEmpty()) {
            return Optional.empty();
        }
        List<String> types = new ArrayList<>();
        list.get().forEach(type -> types.add(type.isString() ? type.stringValue() : ""));
        if (types.size() != layers || !types.stream().allMatch(type -> type.equals(FULL) || type.equals(SLIDING))) {
            throw ValueChecks.wrong(
                    "layer_types",
                    "a list of " + FULL + " or " + SLIDING + " for each of the " + layers + " layers",
                    JsonFields.describe(list.get()));
        }
        return Optional.of(layersThat(layer -> types.get(layer).equals(SLIDING)));
    }

    private void requireFullAttention() {
        if (layerTypes().filter(listed -> !listed.isEmpty()).isPresent()) {
            throw ValueChecks.wrong(
                    "layer_types", FULL + " only, without a window, for model_type " + family.key(), SLIDING);
        }
    }

    private void requireAbsent(String key) {
        fields.value(key).ifPresent(value -> {
            throw ValueChecks.wrong(key, "absent or null with model_type " + family.key(), JsonFields.describe(value));
        });
    }

    private List<Integer> layersThat(IntPredicate chosen) {
        return IntStream.range(0, layers).filter(chosen).boxed().toList();
    }

    static void write(ModelConfig config, ObjectNode json) {
        config.architecture().embeddingSize().ifPresent(size -> json.put("embedding_size", size));
        Architecture architecture = config.architecture();
        int layers = config.numHiddenLayers();
        writeBiases(architecture, json);
        architecture
                .experts()
                .ifPresent(experts -> experts.write(architecture.family(), config.intermediateSize(), json));
        switch (architecture.family()) {
            case LLAMA, OLMO2, OLMOE, SEED_OSS -> {}
            case OLMO3, EXAONE4 -> writeWindow(architecture, layers, json);
            case GRANITE, GRANITEMOE -> writeFactors(config, json);
            case GLM, GLM4 -> json.put(RopeJson.SHARE, architecture.positions().rotatedShare());
            case COHERE2 -> {
                json.put(LOGIT_SCALE, 1 / architecture.scales().logits());
                json.put("rotary_pct", 1.0); // llama.cpp's converter requires the key.
                writeWindow(architecture, layers, json);
            }
            case GEMMA2 -> {
                writeGemma(config, json);
                putCap(SCORE_CAP, architecture.scales().caps().scores(), json);
                putCap(LOGIT_CAP, architecture.scales().caps().logits(), json);
            }
            case GEMMA3_TEXT -> {
                writeGemma(config, json);
                json.put(LOCAL_THETA, architecture.positions().windowTheta().orElse(config.ropeTheta()));
            }
            case MISTRAL, MINISTRAL3, MIXTRAL, STARCODER2 -> putSize(architecture, json);
            case QWEN3_MOE -> {
                json.put("use_sliding_window", architecture.slidingWindow().isPresent());
                putSize(architecture, json);
            }
            case PHI3 -> {
                json.put(RopeJson.SHARE, architecture.positions().rotatedShare());
                putSize(architecture, json);
            }
            case QWEN2, QWEN3 -> writeQwen(architecture, layers, json);
            case SMOLLM3 -> {
                ArrayNode rotated = json.putArray("no_rope_layers");
                IntStream.range(0, layers)
                        .forEach(layer -> rotated.add(architecture.rotationOf(layer) == Rotation.NONE ? 0 : 1));
                writeSwitched(architecture, layers, json);
            }
        }
        RopeJson.write(config, json);
    }

    private static void writeBiases(Architecture architecture, ObjectNode json) {
        Biases biases = architecture.biases();
        switch (architecture.family()) {
            case LLAMA, GRANITE, SMOLLM3 -> {
                json.put("attention_bias", biases.output());
                json.put("mlp_bias", biases.feedForward());
            }
            case OLMO2, OLMO3, OLMOE, COHERE2, QWEN3, QWEN3_MOE, GRANITEMOE ->
                json.put("attention_bias", biases.output());
            case SEED_OSS -> {
                json.put("attention_bias", biases.queryKeyValue());
                json.put("attention_out_bias", biases.output());
                json.put("mlp_bias", biases.feedForward());
            }
            case GLM, GLM4 -> json.put("attention_bias", biases.queryKeyValue());
            case STARCODER2 -> json.put(USE_BIAS, biases.output());
            case MISTRAL, MINISTRAL3, MIXTRAL, PHI3, QWEN2, EXAONE4, GEMMA2, GEMMA3_TEXT -> {}
        }
    }

    private static void writeFactors(ModelConfig config, ObjectNode json) {
        Scales scales = config.architecture().scales();
        json.put("embedding_multiplier", scales.embedding());
        json.put("attention_multiplier", config.attentionScale());
        json.put("residual_multiplier", scales.residual());
        json.put("logits_scaling", scales.logits());
    }

    private static void writeGemma(ModelConfig config, ObjectNode json) {
        json.put("attention_bias", config.architecture().biases().output());
        json.put(QUERY_SCALAR, queryScalar(config.attentionScale()));
        writeWindow(config.architecture(), config.numHiddenLayers(), json);
    }

    private static void putCap(String key, OptionalDouble cap, ObjectNode json) {
        cap.ifPresentOrElse(bound -> json.put(key, bound), () -> json.putNull(key));
    }

    private static void writeQwen(Architecture architecture, int layers, ObjectNode json) {
        json.put(
                "max_window_layers",
                architecture
                        .slidingWindow()
                        .map(window -> window.layers().getFirst())
                        .orElse(layers));
        writeSwitched(architecture, layers, json);
    }

    private static void writeSwitched(Architecture architecture, int layers, ObjectNode json) {
        json.put("use_sliding_window", architecture.slidingWindow().isPresent());
        writeWindow(architecture, layers, json);
    }

    /// The number whose inverse square root is a factor; whole if the factor allows.
    private static double queryScalar(double factor) {
        double scalar = 1 / (factor * factor);
        double whole = Math.rint(scalar);
        return 1 / Math.sqrt(whole) == factor ? whole : scalar;
    }

    private static void writeWindow(Architecture architecture, int layers, ObjectNode json) {
        putSize(architecture, json);
        ArrayNode types = json.putArray("layer_types");
        IntStream.range(0, layers)
                .forEach(layer -> types.add(architecture.windowOf(layer).isPresent() ? SLIDING : FULL));
    }

    /// Without a window writes null, because Hugging Face's classes use a window if the key is absent.
    private static void putSize(Architecture architecture, ObjectNode json) {
        architecture
                .slidingWindow()
                .ifPresentOrElse(
                        window -> json.put("sliding_window", window.size()), () -> json.putNull("sliding_window"));
    }
}
