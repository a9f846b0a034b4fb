package dev.saiki.cli;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
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
                Arguments.of("olmo2, 5 heads of one group, tied", tied(heads(plain("olmo2"), 5, 1, 12))));
    }

    private static List<StoredTensor> weights(ModelConfig config, long seed) {
        Random random = new Random(seed);
        List<StoredTensor> tensors = new ArrayList<>();
        ParameterNames.parameters(config).forEach((name, shape) -> {
            long count = shape.stream().reduce(1L, Math::multiplyExact);
            float[] numbers = new float[Math.toIntExact(count)];
            boolean norm = name.contains("norm");
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = (float) random.nextGaussian() * (norm ? 0.2f : 0.12f) + (norm ? 1 : 0);
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
