package dev.saiki.convert.gguf;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A model family, with llama.cpp's names for the family and its tensors.
enum GgufArchitecture {
    /// Llama and every family with the same computation, such as Mistral, and Mixtral, which has experts.
    LLAMA("llama", "llama mistral mixtral", true),
    /// Ministral 3.
    MISTRAL3("mistral3", "ministral3", true),
    /// Qwen 2 and 2.5.
    QWEN2("qwen2", "qwen2", false),
    /// Qwen 3.
    QWEN3("qwen3", "qwen3", false),
    /// Qwen 3 with experts.
    QWEN3MOE("qwen3moe", "qwen3_moe", false),
    /// OLMoE.
    OLMOE("olmoe", "olmoe", false),
    /// Granite 3 with experts.
    GRANITEMOE("granitemoe", "granitemoe", true),
    /// SmolLM 3, in which every fourth layer has no rotary positions.
    SMOLLM3("smollm3", "smollm3", true),
    /// OLMo 2, and OLMo 3, which has windows.
    OLMO2("olmo2", "olmo2 olmo3", false),
    /// EXAONE 4, whose windows llama.cpp computes only in a model of 64 layers.
    EXAONE4("exaone4", "exaone4", false),
    /// Granite 3 and 4 without experts.
    GRANITE("granite", "granite", true),
    /// Seed-OSS.
    SEED_OSS("seed_oss", "seed_oss", false),
    /// Phi 3 and 4, with fused projections.
    PHI3("phi3", "phi3", false),
    /// GLM 4 since 0414. Its rows have the same order in both formats.
    GLM4("glm4", "glm4", false),
    /// Cohere 2. Its rows have the same order in both formats.
    COHERE2("cohere2", "cohere2", false),
    /// StarCoder 2.
    STARCODER2("starcoder2", "starcoder2", false),
    /// Gemma 2.
    GEMMA2("gemma2", "gemma2", false),
    /// The text model of Gemma 3.
    GEMMA3("gemma3", "gemma3_text", false);

    private static final int LAYERS_OF_EXAONE_WITH_WINDOWS = 64;

    private static final Pattern LAYER = Pattern.compile("blk\\.(0|[1-9][0-9]{0,4})\\.([a-z_]+)\\.(weight|bias)");
    private static final Pattern MODEL_LAYER =
            Pattern.compile("model\\.layers\\.(0|[1-9][0-9]{0,4})\\.([a-z_.]+)\\.(weight|bias)");

    private static final Map<String, String> OUTER = Map.of(
            "token_embd.weight", "model.embed_tokens.weight",
            "output_norm.weight", "model.norm.weight",
            "output_norm.bias", "model.norm.bias",
            "output.weight", "lm_head.weight");

    private static final Map<String, String> PARTS = Map.of(
            "attn_q", "self_attn.q_proj",
            "attn_k", "self_attn.k_proj",
            "attn_v", "self_attn.v_proj",
            "attn_output", "self_attn.o_proj",
            "attn_q_norm", "self_attn.q_norm",
            "attn_k_norm", "self_attn.k_norm",
            "ffn_gate", "mlp.gate_proj",
            "ffn_up", "mlp.up_proj",
            "ffn_down", "mlp.down_proj");

    private static final Map<String, String> EXPERTS = Map.of(
            "ffn_gate_inp", "mlp.gate",
            "ffn_gate_exps", "mlp.experts.gate_proj",
            "ffn_up_exps", "mlp.experts.up_proj",
            "ffn_down_exps", "mlp.experts.down_proj");

    private static final Map<String, String> WITHOUT_GATE = Map.of("ffn_up", "mlp.c_fc", "ffn_down", "mlp.c_proj");
    private static final Map<String, String> FUSED_FEED_FORWARD = Map.of("ffn_up", "mlp.gate_up_proj");
    private static final Map<String, String> FUSED = Map.of(
            "attn_qkv", "self_attn.qkv_proj",
            "ffn_up", "mlp.gate_up_proj");

    private final String key;
    private final String modelTypes;
    private final boolean pairsNeighbours;

    GgufArchitecture(String key, String modelTypes, boolean pairsNeighbours) {
        this.key = key;
        this.modelTypes = modelTypes;
        this.pairsNeighbours = pairsNeighbours;
    }

    String key() {
        return key;
    }

    /// Hugging Face's `model_type` for a model with or without windows and experts.
    String modelType(boolean hasWindows, boolean hasExperts) {
        if (this == LLAMA && hasExperts) {
            return "mixtral";
        }
        return this == OLMO2 && hasWindows ? "olmo3" : modelTypes().getFirst();
    }

    /// Whether llama.cpp divides the weights of the chosen experts by their sum.
    boolean renormalisesExperts() {
        return this != OLMOE;
    }

    /// Whether llama.cpp computes models of a number of layers with windows, if the file names their size.
    boolean hasWindows(int layers) {
        return switch (this) {
            case OLMO2, COHERE2, GEMMA2, GEMMA3 -> true;
            case EXAONE4 -> layers == LAYERS_OF_EXAONE_WITH_WINDOWS;
            case LLAMA,
                    MISTRAL3,
                    QWEN2,
                    QWEN3,
                    QWEN3MOE,
                    OLMOE,
                    GRANITEMOE,
                    SMOLLM3,
                    GRANITE,
                    SEED_OSS,
                    PHI3,
                    GLM4,
                    STARCODER2 -> false;
        };
    }

    private List<String> modelTypes() {
        return List.of(modelTypes.split(" "));
    }

    /// Whether rotary positions pair neighbouring rows, see {@link dev.saiki.convert.foreign.HeadRows}.
    boolean pairsNeighbours() {
        return pairsNeighbours;
    }

    static Optional<GgufArchitecture> ofKey(String key) {
        return Arrays.stream(values()).filter(one -> one.key.equals(key)).findFirst();
    }

    static Optional<GgufArchitecture> ofModelType(String modelType) {
        return Arrays.stream(values())
                .filter(one -> one.modelTypes().contains(modelType))
                .findFirst();
    }

    private Map<String, String> norms() {
        String afterAttention = "post_attention_layernorm";
        return switch (this) {
            case LLAMA, MISTRAL3, QWEN2, QWEN3, QWEN3MOE, OLMOE, GRANITEMOE, SMOLLM3, GRANITE, PHI3, STARCODER2 ->
                Map.of("attn_norm", "input_layernorm", "ffn_norm", afterAttention);
            case SEED_OSS -> Map.of("attn_norm", "input_layernorm", "post_attention_norm", afterAttention);
            case OLMO2, EXAONE4 ->
                Map.of("post_attention_norm", afterAttention, "post_ffw_norm", "post_feedforward_layernorm");
            case GLM4 ->
                Map.of(
                        "attn_norm", "input_layernorm",
                        "post_attention_norm", "post_self_attn_layernorm",
                        "ffn_norm", afterAttention,
                        "post_ffw_norm", "post_mlp_layernorm");
            case COHERE2 -> Map.of("attn_norm", "input_layernorm");
            case GEMMA2, GEMMA3 ->
                Map.of(
                        "attn_norm", "input_layernorm",
                        "post_attention_norm", afterAttention,
                        "ffn_norm", "pre_feedforward_layernorm",
                        "post_ffw_norm", "post_feedforward_layernorm");
        };
    }

    private Map<String, String> fused() {
        return switch (this) {
            case PHI3 -> FUSED;
            case GLM4 -> FUSED_FEED_FORWARD;
            case STARCODER2 -> WITHOUT_GATE;
            default -> Map.of();
        };
    }

    /// Translates a tensor's name from GGUF to the name in a checkpoint.
    Optional<String> checkpointName(String name) {
        @Nullable String outer = OUTER.get(name);
        if (outer != null) {
            return Optional.of(outer);
        }
        Matcher layer = LAYER.matcher(name);
        if (!layer.matches()) {
            return Optional.empty();
        }
        return Optional.ofNullable(fused().get(layer.group(2)))
                .or(() -> Optional.ofNullable(PARTS.get(layer.group(2))))
                .or(() -> Optional.ofNullable(EXPERTS.get(layer.group(2))))
                .or(() -> Optional.ofNullable(norms().get(layer.group(2))))
                .map(part -> "model.layers." + layer.group(1) + "." + part + "." + layer.group(3));
    }

    /// Translates a tensor's name from a checkpoint to the name in GGUF.
    Optional<String> ggufName(String name) {
        Optional<String> outer = keyOf(OUTER, name);
        if (outer.isPresent()) {
            return outer;
        }
        Matcher layer = MODEL_LAYER.matcher(name);
        if (!layer.matches()) {
            return Optional.empty();
        }
        return keyOf(fused(), layer.group(2))
                .or(() -> keyOf(PARTS, layer.group(2)))
                .or(() -> keyOf(EXPERTS, layer.group(2)))
                .or(() -> keyOf(norms(), layer.group(2)))
                .map(part -> "blk." + layer.group(1) + "." + part + "." + layer.group(3));
    }

    private static Optional<String> keyOf(Map<String, String> map, String value) {
        return map.entrySet().stream()
                .filter(entry -> entry.getValue().equals(value))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /// Whether rotary positions apply to a checkpoint's tensor.
    static boolean isRotated(String checkpointName) {
        return checkpointName.contains(".self_attn.q_proj.") || checkpointName.contains(".self_attn.k_proj.");
    }
}
