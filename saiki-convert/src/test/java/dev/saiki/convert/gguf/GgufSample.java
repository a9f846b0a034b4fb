package dev.saiki.convert.gguf;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.convert.foreign.Companions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Small models with random weights, as GGUF files.
final class GgufSample {

    private GgufSample() {}

    static ObjectNode plain(String modelType) {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.put("model_type", modelType);
        json.put("hidden_size", 32);
        json.put("intermediate_size", 64);
        json.put("num_hidden_layers", 2);
        json.put("num_attention_heads", 4);
        json.put("num_key_value_heads", 2);
        json.put("head_dim", 8);
        json.put("vocab_size", 40);
        json.put("max_position_embeddings", 64);
        json.put("rms_norm_eps", 1e-5);
        json.put("rope_theta", 10_000.0);
        json.put("tie_word_embeddings", true);
        json.put("bos_token_id", 1);
        json.put("eos_token_id", 2);
        return json;
    }

    static List<StoredTensor> weights(ModelConfig config, long seed) {
        Random random = new Random(seed);
        List<StoredTensor> tensors = new ArrayList<>();
        ParameterNames.parameters(config).forEach((name, shape) -> {
            long count = shape.stream().reduce(1L, Math::multiplyExact);
            float[] numbers = new float[Math.toIntExact(count)];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = (float) random.nextGaussian() * 0.1f + (shape.size() == 1 ? 1 : 0);
            }
            tensors.add(StoredTensor.ofFloats(name, shape, numbers));
        });
        return tensors;
    }

    static void write(Path file, ObjectNode config, StoredType type) throws IOException {
        ModelConfig model = ModelConfig.fromJson(config, "sample");
        GgufModels.write(
                file,
                model,
                weights(model, 1),
                Optional.of(type),
                new Companions(Optional.empty(), Optional.of("{{ x }}")),
                "sample");
    }

    static byte[] bytes(Path folder, ObjectNode config, StoredType type) throws IOException {
        Path file = folder.resolve("sample.gguf");
        write(file, config, type);
        return Files.readAllBytes(file);
    }
}
