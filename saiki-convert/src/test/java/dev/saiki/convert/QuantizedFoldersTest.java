package dev.saiki.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.safetensors.SafetensorsFile;
import dev.saiki.checkpoint.safetensors.SafetensorsWriter;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Folders quantized by GPTQ, AWQ and FP8, whose weights PyTorch computed too, see `golden/README.md`.
final class QuantizedFoldersTest {

    private static final Path GOLDEN = Path.of("..", "golden", "quantized");
    private static final String MODEL = "model.safetensors";
    private static final String CONFIG = "config.json";
    private static final String QUERY = "model.layers.0.self_attn.q_proj";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private Map<String, StoredTensor> imported(Path source) throws IOException {
        Path out = folder.resolve("out");
        ModelImport.run(source, out, Clock.systemUTC());
        assertThat(folder.toFile().list()).allMatch(name -> name.equals("out") || name.equals("changed"));
        return CheckpointDirectory.open(out).tensors();
    }

    private static StoredTensor of(Map<String, StoredTensor> tensors, String name) {
        return Optional.ofNullable(tensors.get(name)).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"gptq", "gptq_order", "gptq_column", "awq", "awq_column", "fp8", "fp8_float"})
    void weightsAreThoseOfPyTorch(String name) throws IOException {
        Map<String, StoredTensor> got = imported(GOLDEN.resolve(name));
        try (SafetensorsFile expected =
                SafetensorsFile.open(GOLDEN.resolve(name).resolve("expected.safetensors"))) {
            assertThat(expected.names()).hasSizeBetween(7, 8);
            expected.tensors().forEach((tensor, wanted) -> {
                assertThat(of(got, tensor).type()).as(tensor).isEqualTo(wanted.type());
                assertThat(of(got, tensor).shape()).as(tensor).isEqualTo(wanted.shape());
                assertThat(of(got, tensor).data().mismatch(wanted.data()))
                        .as(tensor)
                        .isEqualTo(-1);
            });
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"gptq | 4-bit GPTQ, F16", "awq | 4-bit AWQ, F16", "fp8 | FP8, BF16", "fp8_float | FP8, F32"})
    void aCheckTellsMethodAndSizesWithoutComputing(String name, String formats) throws IOException {
        ModelImport.Imported checked = ModelImport.check(GOLDEN.resolve(name));
        assertThat(checked.description()).isEqualTo("Hugging Face, llama, " + formats);
        Map<String, StoredTensor> imported = imported(GOLDEN.resolve(name));
        checked.tensors().forEach(tensor -> {
            assertThat(tensor.type()).isEqualTo(of(imported, tensor.name()).type());
            assertThat(tensor.shape()).isEqualTo(of(imported, tensor.name()).shape());
            assertThat(tensor.data().byteSize())
                    .isEqualTo(of(imported, tensor.name()).data().byteSize());
        });
    }

    private Path changed(String name, String quantization, StoredTensor... replaced) throws IOException {
        Path target = Files.createDirectories(folder.resolve("changed"));
        ObjectNode config = (ObjectNode) JsonMapper.shared()
                .readTree(Files.readAllBytes(GOLDEN.resolve(name).resolve(CONFIG)));
        ObjectNode keys = (ObjectNode) config.path("quantization_config");
        keys.setAll((ObjectNode) JsonMapper.shared().readTree("{" + quantization + "}"));
        Files.writeString(target.resolve(CONFIG), config.toString());
        try (SafetensorsFile model = SafetensorsFile.open(GOLDEN.resolve(name).resolve(MODEL))) {
            Map<String, StoredTensor> tensors = new LinkedHashMap<>(model.tensors());
            Arrays.stream(replaced).forEach(tensor -> tensors.put(tensor.name(), tensor));
            SafetensorsWriter.write(target.resolve(MODEL), List.copyOf(tensors.values()), Map.of());
        }
        return target;
    }

    private static StoredTensor filled(String name, StoredType type, List<Long> shape, int bits) {
        byte[] bytes = new byte[(int) StoredTensor.byteCount(type, shape)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (bits >> (8 * (i % type.blockBytes())));
        }
        return new StoredTensor(name, type, shape, MemorySegment.ofArray(bytes));
    }

    private void refused(Path source, String message) {
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> ModelImport.run(source, out, Clock.systemUTC()))
                .isInstanceOf(InputException.class)
                .hasMessage(source + ": " + message);
        assertThatThrownBy(() -> ModelImport.check(source)).hasMessage(source + ": " + message);
        assertThat(folder.toFile().list()).containsExactly("changed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gptq | scales | F16 | 3,64 | F16 or BF16 or F32 of shape [2, 64]",
                "gptq | scales | F16 | 2,63 | F16 or BF16 or F32 of shape [2, 64]",
                "gptq | scales | I32 | 2,64 | F16 or BF16 or F32 of shape [2, 64]",
                "gptq | qzeros | I32 | 1,8 | I32 of shape [2, 8]",
                "gptq | qzeros | I32 | 2,7 | I32 of shape [2, 8]",
                "gptq | qweight | I32 | 8 | I32 with two sizes, neither of them 0",
                "gptq | qweight | I64 | 8,64 | I32 with two sizes, neither of them 0",
                "gptq | qweight | I32 | 0,64 | I32 with two sizes, neither of them 0",
                "gptq | g_idx | I32 | 63 | I32 of shape [64]",
                "gptq | g_idx | I64 | 64 | I32 of shape [64]",
                "gptq_column | scales | F16 | 2,64 | F16 or BF16 or F32 of shape [1, 64]",
                "awq | scales | F16 | 64,2 | F16 or BF16 or F32 of shape [2, 64]",
                "awq | qzeros | I32 | 4,8 | I32 of shape [2, 8]",
                "fp8_float | weight_scale_inv | F32 | 1,4 | F16 or BF16 or F32 of shape [2, 4]",
                "fp8_float | weight_scale_inv | F32 | 1 | F16 or BF16 or F32 of shape [2, 4]",
                "fp8_float | weight | F8_E5M2 | 64,64 | F8_E4M3 with two sizes, neither of them 0"
            })
    void aTensorThatDoesNotFitIsRefused(String name, String part, StoredType type, String sizes, String allowed)
            throws IOException {
        List<Long> shape = Stream.of(sizes.split(",", -1)).map(Long::valueOf).toList();
        String tensor = QUERY + "." + part;
        refused(
                changed(name, "", filled(tensor, type, shape, 0)),
                "tensor " + tensor + " must be " + allowed + ", got " + type + " of shape " + shape);
    }

    @ParameterizedTest
    @CsvSource({"2", "-1", "2147483647"})
    void aGroupThatDoesNotExistIsRefused(int group) throws IOException {
        refused(
                changed("gptq", "", filled(QUERY + ".g_idx", StoredType.I32, List.of(64L), group)),
                "tensor " + QUERY + ".g_idx must be groups from 0 to 1, got " + group + " for input 0");
    }

    @Test
    void groupsInAnyOrderMustBeListed() throws IOException {
        refused(
                changed("gptq_column", "\"desc_act\": true"),
                "tensor model.layers.0.mlp.down_proj.g_idx must be I32 of shape [32], got nothing");
    }

    @Test
    void aMatrixOfAnotherSizeThanTheModelsIsRefused() throws IOException {
        refused(
                changed("fp8_float", "", filled(QUERY + ".weight", StoredType.F8_E4M3, List.of(63L, 63L), 0)),
                "tensor " + QUERY + ".weight must have shape [64, 64], got [63, 63]");
    }

    @Test
    void aMatrixThatIsAlsoStoredUnquantizedIsRefused() throws IOException {
        refused(
                changed("awq", "", filled(QUERY + ".weight", StoredType.F16, List.of(64L, 64L), 0)),
                "tensor " + QUERY + ".weight is stored twice, quantized and as it is");
    }

    @Test
    void scalesThatAreNoNumbersGiveWeightsThatAreNone() throws IOException {
        StoredTensor scales = filled(QUERY + ".scales", StoredType.F16, List.of(2L, 64L), 0x7e00);
        Map<String, StoredTensor> got = imported(changed("gptq", "", scales));
        assertThat(of(got, QUERY + ".weight").toFloats()).hasSize(64 * 64).containsOnly(Float.NaN);
        StoredTensor floats = filled(QUERY + ".weight", StoredType.F8_E4M3, List.of(64L, 64L), 0xff);
        assertThat(of(imported(changed("fp8_float", "", floats)), QUERY + ".weight")
                        .toFloats())
                .containsOnly(Float.NaN);
    }

    @Test
    void aBiasOfZerosIsLeftOutIfTheModelHasNone() throws IOException {
        Path source = changed("gptq", "", filled(QUERY + ".bias", StoredType.F16, List.of(64L), 0));
        assertThat(imported(source)).doesNotContainKey(QUERY + ".bias").containsKey(QUERY + ".weight");
        Path other = changed("gptq", "", filled(QUERY + ".bias", StoredType.F16, List.of(64L), 1));
        assertThatThrownBy(() -> ModelImport.check(other))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("tensor " + QUERY + ".bias does not belong to this model");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "gptq | \"bits\": 8 | bits must be 4, got 8",
                "gptq | \"bits\": 3 | bits must be 4, got 3",
                "gptq | \"bits\": \"4\" | bits must be 4, got \"4\"",
                "gptq | \"group_size\": 0 | group_size must be a whole number from 1, or -1, got 0",
                "gptq | \"group_size\": null | group_size must be a whole number from 1, or -1, got null",
                "gptq | \"checkpoint_format\": \"marlin\" | checkpoint_format must be gptq or gptq_v2, got \"marlin\"",
                "gptq | \"adapter\": {} | adapter must be absent or null: it is not supported, got {}",
                "awq | \"version\": \"gemv\" | version must be gemm, got \"gemv\"",
                "awq | \"zero_point\": false | zero_point must be true, got false",
                "fp8 | \"weight_block_size\": null |"
                        + " weight_block_size must be the rows and columns of a block, such as [128, 128], got null",
                "fp8 | \"weight_block_size\": [128, 0] |"
                        + " weight_block_size must be the rows and columns of a block, such as [128, 128], got [128,0]",
                "fp8 | \"fmt\": \"e5m2\" | fmt must be e4m3, got \"e5m2\""
            })
    void anUnsupportedSettingIsRefused(String name, String setting, String message) throws IOException {
        refused(changed(name, setting), "quantization_config." + message);
    }

    @ParameterizedTest
    @CsvSource({"bitsandbytes", "compressed-tensors", "mxfp4", "fbgemm_fp8"})
    void anotherMethodIsRefusedByName(String method) throws IOException {
        refused(
                changed("gptq", "\"quant_method\": \"" + method + "\""),
                "quantization_config.quant_method must be gptq, awq or fp8 (otherwise import the unquantized model or"
                        + " a GGUF file of it), got \"" + method + "\"");
    }

    @Test
    void otherCommandsSayThatImportReadsTheFolder() {
        assertThatThrownBy(() -> CheckpointDirectory.open(GOLDEN.resolve("gptq")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("only saiki import reads models quantized by GPTQ, AWQ or FP8");
    }
}
