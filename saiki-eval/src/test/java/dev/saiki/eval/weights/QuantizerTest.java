package dev.saiki.eval.weights;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.safetensors.BlockEncoder;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.engine.Engine;
import dev.saiki.engine.ScoreRequest;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.testkit.RandomCheckpoint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QuantizerTest {

    private static final int VOCABULARY = 60;
    private static final int HIDDEN = 64;
    private static final String UP = "model.layers.1.mlp.up_proj.weight";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private CheckpointDirectory model;

    /// A model with an entry layer, a block of one layer that is passed three times, and an exit layer.
    @BeforeEach
    void writeAModel() throws IOException {
        model = RandomCheckpoint.write(folder.resolve("model"), config(96), 7);
    }

    private static ModelConfig config(int inner) {
        return new ModelConfig(
                HIDDEN,
                inner,
                5,
                4,
                2,
                16,
                VOCABULARY,
                64,
                1e-5,
                10_000,
                true,
                0.2,
                OptionalInt.empty(),
                List.of(0),
                Architecture.LLAMA,
                Optional.of(new Recursion(ParameterSharing.MIDDLE_CYCLE, 3)),
                new Routing.None(),
                KeyValueSharing.NONE);
    }

    /// Repetitive text, so that the inputs of matrices are correlated, as those of real text are.
    private static List<int[]> text(long seed) {
        Random random = new Random(seed);
        return Stream.generate(() -> {
                    int[] ids = new int[48];
                    for (int i = 0; i < ids.length; i++) {
                        ids[i] = i % 2 == 0 ? random.nextInt(6) : random.nextInt(VOCABULARY);
                    }
                    return ids;
                })
                .limit(24)
                .toList();
    }

    private Map<String, StoredTensor> rounded(StoredType type, Arena arena) {
        return new Quantizer(model, type, text(1)).round(arena, _ -> {});
    }

    private static StoredTensor plain(StoredTensor tensor, StoredType type) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BlockEncoder.of(type).write(tensor, bytes);
        return new StoredTensor(tensor.name(), type, tensor.shape(), MemorySegment.ofArray(bytes.toByteArray()));
    }

    /// The inputs of a matrix of the exact model on other text than that of the calibration.
    private List<float[]> inputs(String matrix) {
        List<float[]> inputs = new ArrayList<>();
        try (Engine engine = Engine.watched(model, EngineOptions.builder().build(), (names, rows, count) -> {
            if (names.contains(matrix)) {
                for (int row = 0; row < count; row++) {
                    inputs.add(Arrays.copyOfRange(rows, row * HIDDEN, (row + 1) * HIDDEN));
                }
            }
        })) {
            text(2).forEach(ids ->
                    engine.score(ScoreRequest.of(ids, RouteSettings.MODEL)).join());
        }
        return inputs;
    }

    private double error(StoredTensor rounded, List<float[]> inputs) {
        float[] exact = Optional.ofNullable(model.tensors().get(rounded.name()))
                .orElseThrow()
                .toFloats();
        float[] values = rounded.toFloats();
        double error = 0;
        for (float[] input : inputs) {
            for (int output = 0; output < exact.length / input.length; output++) {
                double difference = 0;
                for (int i = 0; i < input.length; i++) {
                    int at = output * input.length + i;
                    difference += (values[at] - exact[at]) * input[i];
                }
                error += difference * difference;
            }
        }
        return error;
    }

    @ParameterizedTest
    @EnumSource(
            value = StoredType.class,
            names = {"Q6_0", "Q4_0"})
    void errorFeedbackLowersTheErrorOfProductsOnOtherText(StoredType type) throws IOException {
        List<float[]> inputs = inputs(UP);
        assertThat(inputs).as("three passes of 24 texts").hasSize(3 * 24 * 48);
        try (Arena arena = Arena.ofShared()) {
            StoredTensor calibrated =
                    Optional.ofNullable(rounded(type, arena).get(UP)).orElseThrow();
            StoredTensor exact = Optional.ofNullable(model.tensors().get(UP)).orElseThrow();
            assertThat(calibrated.type()).isEqualTo(type);
            assertThat(error(calibrated, inputs)).isLessThan(0.8 * error(plain(exact, type), inputs));
        }
    }

    private Map<String, StoredType> types(CheckpointDirectory checkpoint) {
        Map<String, StoredType> types = new HashMap<>();
        checkpoint.tensors().forEach((name, tensor) -> types.put(name, tensor.type()));
        return types;
    }

    private CheckpointDirectory written(StoredType type) throws IOException {
        Path out = folder.resolve(type.name());
        try (Arena arena = Arena.ofShared()) {
            model.writeChanged(
                    out, model.config(), rounded(type, arena), model.manifest().orElseThrow());
        }
        return CheckpointDirectory.open(out);
    }

    @Test
    void theInnerLayersHaveFourBitsAndTheOthersEight() throws IOException {
        CheckpointDirectory quantized = written(StoredType.Q4_0);
        assertThat(types(quantized))
                .containsEntry(UP, StoredType.Q4_0)
                .containsEntry("model.layers.1.self_attn.v_proj.weight", StoredType.Q4_0)
                .containsEntry("model.layers.0.mlp.up_proj.weight", StoredType.Q8_0)
                .containsEntry("model.layers.2.mlp.down_proj.weight", StoredType.Q8_0)
                .containsEntry("model.embed_tokens.weight", StoredType.Q8_0)
                .containsEntry("model.layers.1.input_layernorm.weight", StoredType.F32);
        assertThat(WeightFormat.stored(quantized.tensors().values())).isEqualTo(WeightFormat.INT4);
        assertThat(types(written(StoredType.Q8_0)))
                .containsEntry(UP, StoredType.Q8_0)
                .doesNotContainValue(StoredType.Q4_0);
    }

    @Test
    void rowsThatAreNotDivisibleIntoBlocksStayAsTheyAre() throws IOException {
        model = RandomCheckpoint.write(folder.resolve("odd"), config(84), 7);
        CheckpointDirectory quantized = written(StoredType.Q4_0);
        assertThat(types(quantized))
                .containsEntry(UP, StoredType.Q4_0)
                .containsEntry("model.layers.1.mlp.down_proj.weight", StoredType.F32);
        assertThat(WeightFormat.stored(quantized.tensors().values())).isEqualTo(WeightFormat.INT4);
    }

    @Test
    void aModelWithoutTextIsRoundedWithoutFeedback() throws IOException {
        try (Arena arena = Arena.ofShared()) {
            Map<String, StoredTensor> rounded = new Quantizer(model, StoredType.Q4_0, List.of()).round(arena, _ -> {});
            StoredTensor exact = Optional.ofNullable(model.tensors().get(UP)).orElseThrow();
            assertThat(Optional.ofNullable(rounded.get(UP)).orElseThrow().toFloats())
                    .isEqualTo(plain(exact, StoredType.Q4_0).toFloats());
        }
    }
}
