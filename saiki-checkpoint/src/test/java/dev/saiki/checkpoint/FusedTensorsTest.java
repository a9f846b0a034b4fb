package dev.saiki.checkpoint;

import static dev.saiki.checkpoint.FusedTensors.Layout.HUGGING_FACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.io.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

final class FusedTensorsTest {

    private static final String QKV = "model.layers.0.self_attn.qkv_proj.weight";

    private static ModelConfig model(String family) {
        return ModelConfig.fromJson(JsonMapper.shared().readTree("""
                {"model_type": "%s", "hidden_size": 6, "intermediate_size": 5, "num_hidden_layers": 1,
                 "num_attention_heads": 3, "num_key_value_heads": 1, "head_dim": 2, "vocab_size": 4,
                 "sliding_window": null, "partial_rotary_factor": 1.0}
                """.formatted(family)), "test");
    }

    private static StoredTensor counted(String name, List<Long> shape, int from) {
        float[] numbers = new float[Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact))];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = from + i;
        }
        return StoredTensor.ofFloats(name, shape, numbers);
    }

    private static SequencedMap<String, StoredTensor> named(StoredTensor... tensors) {
        SequencedMap<String, StoredTensor> named = new LinkedHashMap<>();
        for (StoredTensor tensor : tensors) {
            named.put(tensor.name(), tensor);
        }
        return named;
    }

    @Test
    void rowsGoToTheirParts() {
        SequencedMap<String, StoredTensor> split =
                FusedTensors.split("test", model("phi3"), named(counted(QKV, List.of(10L, 6L), 0)), HUGGING_FACE);

        assertThat(split.keySet())
                .containsExactly(
                        "model.layers.0.self_attn.q_proj.weight",
                        "model.layers.0.self_attn.k_proj.weight",
                        "model.layers.0.self_attn.v_proj.weight");
        assertThat(split.values())
                .extracting(StoredTensor::shape)
                .containsExactly(List.of(6L, 6L), List.of(2L, 6L), List.of(2L, 6L));
        assertThat(split.values()).extracting(tensor -> tensor.toFloats()[0]).containsExactly(0f, 36f, 48f);
    }

    @Test
    void groupsAreWhatOtherToolsStore() {
        ModelConfig phi = model("phi3");
        List<StoredTensor> tensors = ParameterNames.parameters(phi).entrySet().stream()
                .map(entry -> counted(entry.getKey(), entry.getValue(), 0))
                .toList();

        List<FusedTensors.Group> groups = FusedTensors.groups(phi, tensors, HUGGING_FACE);

        assertThat(groups)
                .extracting(FusedTensors.Group::name)
                .contains(QKV, "model.layers.0.mlp.gate_up_proj.weight")
                .doesNotContain("model.layers.0.mlp.up_proj.weight", "model.layers.0.self_attn.k_proj.weight");
        assertThat(groups)
                .filteredOn(group -> group.name().equals(QKV))
                .singleElement()
                .satisfies(group -> assertThat(group.shape()).containsExactly(10L, 6L));
        assertThat(groups.stream().mapToInt(group -> group.parts().size()).sum())
                .isEqualTo(tensors.size());
        assertThat(FusedTensors.groups(model("glm4"), tensors, HUGGING_FACE))
                .extracting(FusedTensors.Group::name)
                .contains("model.layers.0.mlp.gate_up_proj.weight", "model.layers.0.self_attn.k_proj.weight");
        assertThat(FusedTensors.groups(model("llama"), tensors, HUGGING_FACE)).hasSameSizeAs(tensors);
    }

    @Test
    void aWrongNumberOfRowsIsRefusedByName() {
        assertThatThrownBy(() -> FusedTensors.split(
                        "test", model("phi3"), named(counted(QKV, List.of(9L, 6L), 0)), HUGGING_FACE))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll("test: tensor " + QKV + " must be of shape [10, 6]", "got [9, 6]");
    }

    @Test
    void aPartThatIsStoredTwiceIsRefused() {
        StoredTensor alone = counted("model.layers.0.self_attn.k_proj.weight", List.of(2L, 6L), 0);

        StoredTensor whole = counted(QKV, List.of(10L, 6L), 0);

        for (SequencedMap<String, StoredTensor> tensors : List.of(named(alone, whole), named(whole, alone))) {
            assertThatThrownBy(() -> FusedTensors.split("test", model("phi3"), tensors, HUGGING_FACE))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("k_proj.weight is stored twice");
        }
    }
}
