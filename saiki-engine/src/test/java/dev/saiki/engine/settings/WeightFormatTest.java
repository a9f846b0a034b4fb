package dev.saiki.engine.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.engine.Engine;
import dev.saiki.testkit.RandomCheckpoint;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightFormatTest {

    private static final ModelConfig CONFIG = new ModelConfig(
            256,
            256,
            2,
            4,
            2,
            64,
            30,
            32,
            1e-5,
            10_000,
            true,
            0.2,
            OptionalInt.empty(),
            List.of(0),
            Architecture.LLAMA,
            Optional.empty(),
            new Routing.None(),
            KeyValueSharing.NONE);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /// The format in which the engine holds a model whose matrices, all zeros, are stored in given formats.
    private WeightFormat held(String name, Function<StoredTensor, StoredType> types) throws IOException {
        CheckpointDirectory plain = RandomCheckpoint.write(folder.resolve(name + "-plain"), CONFIG, 1);
        Map<String, StoredTensor> stored = new HashMap<>();
        for (StoredTensor tensor : plain.tensors().values()) {
            if (ParameterNames.isMatrix(tensor.name(), tensor.shape())) {
                StoredType type = types.apply(tensor);
                long bytes = StoredTensor.byteCount(type, tensor.shape());
                stored.put(
                        tensor.name(),
                        new StoredTensor(
                                tensor.name(),
                                type,
                                tensor.shape(),
                                Arena.ofAuto().allocate(bytes)));
            }
        }
        Path model = folder.resolve(name);
        plain.writeChanged(model, CONFIG, stored, Manifest.untrained());
        EngineOptions options = EngineOptions.builder().threads(1).build();
        try (Engine engine = Engine.withoutText(CheckpointDirectory.open(model), options)) {
            return engine.weightFormat();
        }
    }

    private static boolean isInLayer(StoredTensor tensor) {
        return ParameterNames.isLinearMap(tensor.name());
    }

    @Test
    void modelsAreHeldAsTheyAreStored() throws IOException {
        assertThat(held("f32", _ -> StoredType.F32)).isEqualTo(WeightFormat.FLOAT32);
        assertThat(held("f16", _ -> StoredType.F16)).isEqualTo(WeightFormat.FLOAT32);
        assertThat(held("bf16", _ -> StoredType.BF16)).isEqualTo(WeightFormat.BFLOAT16);
        assertThat(held("mixed", tensor -> isInLayer(tensor) ? StoredType.BF16 : StoredType.F32))
                .isEqualTo(WeightFormat.FLOAT32);
        assertThat(held("q8", _ -> StoredType.Q8_0)).isEqualTo(WeightFormat.INT8);
        assertThat(held("q4", _ -> StoredType.Q4_0)).isEqualTo(WeightFormat.INT4);
        assertThat(held("q6", tensor -> isInLayer(tensor) ? StoredType.Q6_0 : StoredType.Q8_0))
                .isEqualTo(WeightFormat.INT6);
        assertThat(held("q6k", _ -> StoredType.Q6_K)).isEqualTo(WeightFormat.INT6);
        assertThat(held("llama-quantize", tensor -> isInLayer(tensor) ? StoredType.Q4_0 : StoredType.Q6_K))
                .isEqualTo(WeightFormat.INT4);
        assertThat(held("medium", tensor -> isInLayer(tensor) ? StoredType.Q4_K : StoredType.Q6_K))
                .isEqualTo(WeightFormat.INT4);
        assertThat(held("half", tensor -> isInLayer(tensor) ? StoredType.Q4_0 : StoredType.F16))
                .isEqualTo(WeightFormat.FLOAT32);
    }
}
