package dev.saiki.cli;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.BFloat16;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Models of each family with random weights, small enough for a test.
final class RandomFamilies {

    static final int VOCABULARY = 96;

    private RandomFamilies() {}

    static ObjectNode plain(String modelType) {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.put("model_type", modelType);
        json.put("hidden_size", 64);
        json.put("intermediate_size", 96);
        json.put("num_hidden_layers", 5);
        json.put("num_attention_heads", 4);
        json.put("num_key_value_heads", 2);
        json.put("head_dim", 16);
        json.put("vocab_size", VOCABULARY);
        json.put("max_position_embeddings", 256);
        json.put("rms_norm_eps", 1e-5);
        json.put("rope_theta", 10_000.0);
        json.put("tie_word_embeddings", false);
        json.putNull("sliding_window");
        return json;
    }

    /// Sets the numbers of heads, and the hidden size to heads times head dimension, as OLMo 2 requires.
    static ObjectNode heads(ObjectNode json, int heads, int groups, int headDim) {
        return json.put("hidden_size", heads * headDim)
                .put("num_attention_heads", heads)
                .put("num_key_value_heads", groups)
                .put("head_dim", headDim);
    }

    static ObjectNode tied(ObjectNode json) {
        return json.put("tie_word_embeddings", true);
    }

    /// Scales positions from an original context of 64.
    static ObjectNode scaled(ObjectNode json, String type, double factor) {
        ObjectNode block = json.putObject("rope_scaling").put("rope_type", type).put("factor", factor);
        if (!type.equals("linear")) {
            block.put("original_max_position_embeddings", 64);
        }
        if (type.equals("llama3")) {
            block.put("low_freq_factor", 1.0).put("high_freq_factor", 4.0);
        }
        return json;
    }

    /// The configurations: one for each difference between families, or between models of one family.
    static Stream<Arguments> all() {
        return Stream.of(
                Arguments.of("llama", plain("llama")),
                Arguments.of("llama, tied", tied(plain("llama"))),
                Arguments.of("llama, wide heads", plain("llama").put("head_dim", 32)),
                Arguments.of("llama, 7 heads of one group", heads(plain("llama"), 7, 1, 10)),
                Arguments.of(
                        "llama, biases",
                        plain("llama").put("attention_bias", true).put("mlp_bias", true)),
                Arguments.of("llama 3.1", scaled(plain("llama").put("rope_theta", 500_000.0), "llama3", 8)),
                Arguments.of("llama, linear", scaled(plain("llama"), "linear", 4)),
                Arguments.of("llama, yarn", scaled(plain("llama"), "yarn", 4)),
                Arguments.of("mistral", plain("mistral")),
                Arguments.of("mistral, 5 heads, tied", tied(heads(plain("mistral"), 5, 5, 12))),
                Arguments.of("qwen2", plain("qwen2")),
                Arguments.of("qwen2, 7 heads of one group, tied", tied(heads(plain("qwen2"), 7, 1, 8))),
                Arguments.of("qwen2, yarn", scaled(plain("qwen2").put("rope_theta", 1e6), "yarn", 4)),
                Arguments.of("qwen3, tied", tied(plain("qwen3").put("head_dim", 32))),
                Arguments.of("qwen3, 9 heads of 3 groups", heads(plain("qwen3"), 9, 3, 8)),
                Arguments.of("qwen3, yarn", scaled(plain("qwen3").put("rope_theta", 1e6), "yarn", 4)),
                Arguments.of("smollm3", plain("smollm3")),
                Arguments.of("smollm3, 3 heads of one group, tied", tied(heads(plain("smollm3"), 3, 1, 16))),
                Arguments.of("olmo2", plain("olmo2")),
                Arguments.of("olmo2, 5 heads of one group, tied", tied(heads(plain("olmo2"), 5, 1, 12))),
                Arguments.of("olmo3", plain("olmo3")),
                Arguments.of("olmo3, windows", windowed("olmo3")),
                Arguments.of("olmo3, windows, yarn", scaled(windowed("olmo3").put("rope_theta", 5e5), "yarn", 4)),
                Arguments.of("olmo3, windows, 5 heads, tied", tied(heads(windowed("olmo3"), 5, 5, 12))),
                Arguments.of("exaone4", plain("exaone4")),
                Arguments.of("exaone4, llama3, tied", tied(scaled(plain("exaone4"), "llama3", 8))),
                Arguments.of("exaone4, 7 heads of one group", heads(plain("exaone4"), 7, 1, 10)),
                Arguments.of("exaone4, linear", scaled(plain("exaone4").put("rope_theta", 1e6), "linear", 3)),
                Arguments.of("granite", plain("granite")),
                Arguments.of("granite, factors, tied", factors(tied(plain("granite")))),
                Arguments.of(
                        "granite, factors, biases",
                        factors(plain("granite")).put("attention_bias", true).put("mlp_bias", true)),
                Arguments.of("granite, 9 heads of 3 groups", factors(heads(plain("granite"), 9, 3, 8))),
                Arguments.of("seed_oss", plain("seed_oss")),
                Arguments.of("seed_oss, tied", tied(plain("seed_oss"))),
                Arguments.of(
                        "seed_oss, wide heads, no biases",
                        plain("seed_oss").put("head_dim", 32).put("attention_bias", false)),
                Arguments.of("seed_oss, linear", scaled(plain("seed_oss").put("rope_theta", 1e6), "linear", 2)),
                Arguments.of("phi3", plain("phi3")),
                Arguments.of(
                        "phi3, yarn, 7 heads of one group, tied",
                        tied(scaled(heads(plain("phi3"), 7, 1, 10), "yarn", 4))),
                Arguments.of("phi3, short factors, rotated in part", longRope(plain("phi3"), 256)),
                Arguments.of("phi3, long factors, rotated in part", longRope(plain("phi3"), 64)),
                Arguments.of("ministral3", grown(plain("ministral3"))),
                Arguments.of("ministral3, 3 heads, tied", tied(grown(heads(plain("ministral3"), 3, 1, 16)))),
                Arguments.of("glm4", plain("glm4")),
                Arguments.of(
                        "glm4, no biases, three quarters rotated, yarn, 3 heads, tied",
                        tied(scaled(heads(plain("glm4"), 3, 1, 16), "yarn", 4))
                                .put("partial_rotary_factor", 0.75)
                                .put("attention_bias", false)),
                Arguments.of(
                        "cohere2",
                        tied(plain("cohere2")).put("sliding_window", 11).put("logit_scale", 0.25)),
                Arguments.of(
                        "cohere2, 3 heads of one group",
                        tied(heads(plain("cohere2"), 3, 1, 16))
                                .put("sliding_window", 7)
                                .put("rope_theta", 300.0)),
                Arguments.of("starcoder2", plain("starcoder2")),
                Arguments.of(
                        "starcoder2, yarn, 3 heads of one group, tied",
                        tied(scaled(heads(plain("starcoder2"), 3, 1, 16), "yarn", 4))),
                Arguments.of("mixtral", experts(plain("mixtral"), "num_local_experts", 4, 2)),
                Arguments.of(
                        "mixtral, one of 9 experts, 3 heads, tied",
                        tied(experts(heads(plain("mixtral"), 3, 1, 16), "num_local_experts", 9, 1))),
                Arguments.of("qwen3_moe", qwenWithExperts(plain("qwen3_moe"), 8, 3)),
                Arguments.of(
                        "qwen3_moe, yarn, 3 heads",
                        qwenWithExperts(scaled(heads(plain("qwen3_moe"), 3, 1, 16), "yarn", 4), 5, 5)),
                Arguments.of("olmoe", experts(heads(plain("olmoe"), 4, 4, 16), "num_experts", 8, 3)),
                Arguments.of("olmoe, 5 heads", experts(heads(plain("olmoe"), 5, 5, 12), "num_experts", 16, 4)),
                Arguments.of("granitemoe", factors(experts(plain("granitemoe"), "num_local_experts", 8, 3))),
                Arguments.of(
                        "granitemoe, 9 heads of 3 groups, tied",
                        tied(factors(experts(heads(plain("granitemoe"), 9, 3, 8), "num_local_experts", 5, 2)))),
                Arguments.of("gemma2", tied(gemma(windowed("gemma2")))),
                Arguments.of(
                        "gemma2, low bounds, linear, 3 heads",
                        tied(scaled(heads(gemma(windowed("gemma2")), 3, 1, 16), "linear", 8))
                                .put("attn_logit_softcapping", 0.5)
                                .put("final_logit_softcapping", 2.0)),
                Arguments.of("gemma3", gemma(plain("gemma3_text"))),
                Arguments.of("gemma3, windows, tied", tied(gemma(windowed("gemma3_text")))),
                Arguments.of(
                        "gemma3, windows, linear, 3 heads",
                        scaled(heads(gemma(windowed("gemma3_text")), 3, 1, 16).put("rope_theta", 1e6), "linear", 8)),
                Arguments.of(
                        "gemma3, windows of another base",
                        gemma(windowed("gemma3_text")).put("rope_local_base_freq", 300.0)));
    }

    /// A window in all layers but one, in a model whose family has the key `layer_types`.
    private static ObjectNode windowed(String modelType) {
        ObjectNode json = plain(modelType).put("sliding_window", 11);
        ArrayNode types = json.putArray("layer_types");
        for (int layer = 0; layer < 5; layer++) {
            types.add(layer == 2 ? "full_attention" : "sliding_attention");
        }
        return json;
    }

    private static ObjectNode experts(ObjectNode json, String key, int count, int chosen) {
        return json.put(key, count).put("num_experts_per_tok", chosen);
    }

    private static ObjectNode qwenWithExperts(ObjectNode json, int count, int chosen) {
        return experts(json, "num_experts", count, chosen)
                .put("moe_intermediate_size", 32)
                .put("norm_topk_prob", true);
    }

    private static ObjectNode factors(ObjectNode json) {
        return json.put("embedding_multiplier", 12.0)
                .put("attention_multiplier", 0.25)
                .put("residual_multiplier", 0.22)
                .put("logits_scaling", 0.5);
    }

    /// LongRoPE on three quarters of each head of 16 elements. llama.cpp chooses its factors by the length of the text,
    /// rounded up to 256, and Saiki by the context of 256.
    private static ObjectNode longRope(ObjectNode json, int original) {
        json.put("partial_rotary_factor", 0.75).put("original_max_position_embeddings", original);
        ObjectNode block = json.putObject("rope_scaling").put("type", "longrope");
        ArrayNode shorter = block.putArray("short_factor");
        ArrayNode longer = block.putArray("long_factor");
        for (int pair = 0; pair < 6; pair++) {
            shorter.add(1 + pair / 16.0);
            longer.add(1 + pair * 1.5);
        }
        return json;
    }

    /// YaRN from an original context of 64, with queries that grow beyond it.
    private static ObjectNode grown(ObjectNode json) {
        json.putObject("rope_parameters")
                .put("rope_type", "yarn")
                .put("factor", 4.0)
                .put("original_max_position_embeddings", 64)
                .put("beta_fast", 8.0)
                .put("mscale", 1.0)
                .put("mscale_all_dim", 1.0)
                .put("llama_4_scaling_beta", 0.5);
        return json;
    }

    private static ObjectNode gemma(ObjectNode json) {
        return json.put("query_pre_attn_scalar", 16);
    }

    private static List<StoredTensor> weights(ModelConfig config, long seed) {
        Random random = new Random(seed);
        List<StoredTensor> tensors = new ArrayList<>();
        ParameterNames.parameters(config).forEach((name, shape) -> {
            long count = shape.stream().reduce(1L, Math::multiplyExact);
            float[] numbers = new float[Math.toIntExact(count)];
            boolean norm = name.contains("norm");
            for (int i = 0; i < numbers.length; i++) {
                float number = (float) random.nextGaussian() * (norm ? 0.2f : 0.12f) + (norm ? 1 : 0);
                // Gemma's norms lose their last bits in GGUF, which stores them with 1 added, but not in 16 bits.
                numbers[i] = norm ? BFloat16.toFloat(BFloat16.of(number)) : number;
            }
            tensors.add(StoredTensor.ofFloats(name, shape, numbers));
        });
        return tensors;
    }

    /// Writes a model; equal seeds and shapes give equal weights.
    static Path write(Path out, ObjectNode json, long seed) throws IOException {
        ModelConfig config = ModelConfig.fromJson(json, "test");
        CheckpointDirectory.write(out, config, weights(config, seed), new LinkedHashMap<>(), Manifest.untrained());
        return out;
    }
}
