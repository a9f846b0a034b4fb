package dev.saiki.convert.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.convert.foreign.ForeignModel;
import dev.saiki.convert.foreign.TemporaryTensors;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/// Tests that models written to GGUF are read back unchanged.
final class GgufModelsTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private void comesBack(ObjectNode config) throws IOException {
        Path file = folder.resolve("x.gguf");
        GgufSample.write(file, config, StoredType.F32);
        ModelConfig wanted = ModelConfig.fromJson(config, "sample");
        try (Arena arena = Arena.ofConfined();
                TemporaryTensors reordered = TemporaryTensors.in(folder)) {
            ForeignModel model = GgufModels.read(file, arena, reordered::addHalves);
            // Without a tokenizer, a file has no token ids.
            assertThat(ModelConfig.fromJson(model.config(), "read"))
                    .isEqualTo(wanted.withTokenIds(OptionalInt.empty(), List.of()));
            Map<String, StoredTensor> read =
                    model.tensors().stream().collect(Collectors.toMap(StoredTensor::name, Function.identity()));
            for (StoredTensor tensor : GgufSample.weights(wanted, 1)) {
                StoredTensor got =
                        Optional.ofNullable(read.remove(tensor.name())).orElseThrow();
                assertThat(got.shape()).isEqualTo(tensor.shape());
                assertThat(got.toFloats()).as(tensor.name()).isEqualTo(tensor.toFloats());
            }
            assertThat(read).isEmpty();
            assertThat(model.files()).containsOnlyKeys("chat_template.jinja");
        }
    }

    @Test
    void llamaComesBack() throws IOException {
        comesBack(GgufSample.plain("llama"));
        comesBack(GgufSample.plain("llama").put("tie_word_embeddings", false).put("head_dim", 16));
    }

    private static ObjectNode scaled(ObjectNode json, String type) {
        ObjectNode block = json.putObject("rope_scaling").put("rope_type", type).put("factor", 4.0);
        if (type.equals("llama3")) {
            block.put("low_freq_factor", 1.5).put("high_freq_factor", 6.0);
        }
        if (!type.equals("linear")) {
            block.put("original_max_position_embeddings", 16);
        }
        return json;
    }

    private static ObjectNode windowless(String modelType) {
        return GgufSample.plain(modelType).put("use_sliding_window", false).putNull("sliding_window");
    }

    @Test
    void everyStretchingOfPositionsComesBack() throws IOException {
        for (String type : List.of("linear", "llama3", "yarn")) {
            comesBack(scaled(GgufSample.plain("llama"), type));
        }
        ObjectNode yarn = scaled(windowless("qwen3"), "yarn");
        ((ObjectNode) yarn.get("rope_scaling")).put("attention_factor", 1.25);
        comesBack(yarn);
    }

    @Test
    void settingsThatLlamaCppDoesNotReadAreRefused() {
        ObjectNode yarn = scaled(windowless("qwen3"), "yarn");
        ((ObjectNode) yarn.get("rope_scaling")).put("beta_fast", 16.0);
        assertThatThrownBy(() -> GgufSample.bytes(folder, yarn, StoredType.F32))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "rope_scaling yarn with beta_fast 16.0 cannot be written to GGUF: llama.cpp computes every model"
                                + " with 32.0");
        assertThatThrownBy(() -> GgufSample.bytes(folder, windowless("qwen2").put("head_dim", 16), StoredType.F32))
                .isInstanceOf(InputException.class)
                .hasMessage("head_dim 16 cannot be written to GGUF: llama.cpp reads models of type qwen2 only"
                        + " if head_dim is hidden_size / num_attention_heads (8)");
    }

    @ParameterizedTest
    @ValueSource(ints = {8192, 4096, 6001, 96})
    void theDivisorsOfLlama3AreTracedToItsNumbers(int context) throws IOException {
        ObjectNode config =
                scaled(GgufSample.plain("llama").put("rope_theta", 500_000.0).put("head_dim", 64), "llama3");
        ((ObjectNode) config.get("rope_scaling"))
                .put("factor", 32.0)
                .put("low_freq_factor", 1.0)
                .put("high_freq_factor", 4.0)
                .put("original_max_position_embeddings", context);
        // A file of another tool does not have this key.
        ObjectNode read = read(renamed(config, "saiki.rope_scaling", "other.rope_scaling"));
        assertThat(ModelConfig.fromJson(read, "read").toJson().get("rope_scaling"))
                .isEqualTo(ModelConfig.fromJson(config, "wanted").toJson().get("rope_scaling"));
    }

    @Test
    void aFactorWithoutATypeIsLinearAsInLlamaCpp() throws IOException {
        ObjectNode config = scaled(GgufSample.plain("llama"), "linear");
        ObjectNode read = read(renamed(config, "llama.rope.scaling.type", "other.rope.scaling.type"));
        assertThat(read.at("/rope_scaling/rope_type").stringValue()).isEqualTo("linear");
        assertThat(read.at("/rope_scaling/factor").doubleValue()).isEqualTo(4);
        ObjectNode yarn = scaled(GgufSample.plain("llama"), "yarn");
        ((ObjectNode) yarn.get("rope_scaling")).put("attention_factor", 1.25);
        byte[] untyped = renamed(yarn, "llama.rope.scaling.type", "other.rope.scaling.type");
        assertThatThrownBy(() -> read(untyped))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll("llama.rope.scaling.attn_factor", "1.0 without YaRN");
    }

    @Test
    void aGraniteWhosePositionsLlamaCppOmitsIsRefused() throws IOException {
        Path path = folder.resolve("granite.gguf");
        GgufSample.write(path, GgufSample.plain("granite"), StoredType.F32);
        try (Arena arena = Arena.ofConfined()) {
            GgufFile file = GgufFile.open(path, arena);
            SequencedMap<String, GgufValue> values =
                    new LinkedHashMap<>(file.metadata().values());
            values.put("granite.rope.scaling.finetuned", new GgufValue.Flag(false));
            GgufFile changed = new GgufFile(new GgufMetadata("x.gguf", values), file.tensors());
            assertThatThrownBy(() -> GgufModels.read(changed, List.of(), (tensor, _) -> tensor))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("granite.rope.scaling.finetuned must be true or absent");
        }
    }

    private static ObjectNode longRope(String family) {
        ObjectNode config = GgufSample.plain(family);
        ObjectNode scaling =
                config.putObject("rope_scaling").put("type", "longrope").put("original_max_position_embeddings", 16);
        List.of("short_factor", "long_factor")
                .forEach(key -> scaling.putArray(key).add(1.0).add(1.5).add(2.0).add(3.0));
        return config;
    }

    @Test
    void bothListsOfDivisorsAreNeeded() throws IOException {
        byte[] file = renamed(longRope("phi3"), "rope_factors_short.weight", "rope_factors_shirt.weight");

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(InputException.class)
                .hasMessage("x.gguf: tensor rope_factors_short.weight must be 4 numbers of F32, got none");
    }

    /// A file in which one key is replaced by another key of equal length.
    private byte[] renamed(ObjectNode config, String key, String other) throws IOException {
        byte[] bytes = GgufSample.bytes(folder, config, StoredType.F32);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(key);
        System.arraycopy(other.getBytes(StandardCharsets.US_ASCII), 0, bytes, at, key.length());
        return bytes;
    }

    private ObjectNode read(byte[] bytes) throws IOException {
        try (Arena arena = Arena.ofConfined();
                TemporaryTensors reordered = TemporaryTensors.in(folder)) {
            MemorySegment file = arena.allocate(bytes.length);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, file, 0, bytes.length);
            return GgufModels.read(GgufFile.parse(file, "x.gguf"), List.of(), reordered::addHalves)
                    .config();
        }
    }

    @Test
    void whatLlamaCppComputesOtherwiseIsRefused() {
        refused(GgufSample.plain("mistral").put("sliding_window", 8), "sliding_window 8");
        refused(
                windowless("qwen2")
                        .put("use_sliding_window", true)
                        .put("sliding_window", 8)
                        .put("max_window_layers", 1),
                "sliding_window 8");
        refused(windowless("smollm3").put("no_rope_layer_interval", 2), "no_rope_layers");
        refused(scaled(windowless("qwen3"), "llama3"), "rope_scaling llama3", "qwen3");
        refused(windowless("qwen3").put("attention_bias", true), "attention_bias", "qwen3");
        refused(GgufSample.plain("phi3").put("sliding_window", 8), "sliding_window 8");
        refused(GgufSample.plain("phi3").put("head_dim", 16), "head_dim times num_attention_heads");
        refused(longRope("llama"), "rope_scaling longrope", "llama");
        refused(GgufSample.plain("seed_oss").put("attention_out_bias", true), "attention_out_bias", "seed_oss");
        ObjectNode gemma = GgufSample.plain("gemma3_text");
        refused(gemma.deepCopy().put("query_pre_attn_scalar", 100), "query_pre_attn_scalar 100.0");
        refused(
                scaled(gemma.put("query_pre_attn_scalar", gemma.path("head_dim").intValue()), "yarn"),
                "rope_scaling yarn",
                "gemma3_text");
        ObjectNode gemma2 = GgufSample.plain("gemma2").put("query_pre_attn_scalar", 8);
        refused(gemma2.deepCopy().putNull("sliding_window"), "sliding_window null");
        refused(gemma2.deepCopy().putNull("attn_logit_softcapping"), "attn_logit_softcapping null");
        refused(gemma2.put("tie_word_embeddings", false), "tie_word_embeddings false", "gemma2");
        refused(
                GgufSample.plain("exaone4")
                        .put("sliding_window", 8)
                        .put("head_dim", 8)
                        .put("num_attention_heads", 4),
                "sliding_window 8");
    }

    private void refused(ObjectNode config, String... named) {
        assertThatThrownBy(() -> GgufSample.write(folder.resolve("x.gguf"), config, StoredType.F32))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll(named);
    }

    @Test
    void aFileOfAnotherFormatIsNamed() throws IOException {
        byte[] bytes = GgufSample.bytes(folder, GgufSample.plain("llama"), StoredType.F32);
        bytes[4] = 1;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment file = arena.allocate(bytes.length);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, file, 0, bytes.length);
            assertThatThrownBy(() -> GgufFile.parse(file, "old.gguf"))
                    .isInstanceOf(InputException.class)
                    .hasMessage("old.gguf: the version of GGUF must be 2 or 3, little-endian, got 1");
        }
        assertThat(List.of(GgufTypes.describe(10), GgufTypes.describe(99))).containsExactly("Q2_K", "type 99");
    }
}
