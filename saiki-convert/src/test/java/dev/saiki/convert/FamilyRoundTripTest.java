package dev.saiki.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.safetensors.BFloat16;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.io.InputException;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Tests that a model of each family is unchanged, bit for bit, after export and import, and that a model without
/// a vanilla form is refused with a message that names the obstacle.
final class FamilyRoundTripTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private static ObjectNode plain(String modelType, int heads, int groups, int headDim) {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.put("model_type", modelType);
        json.put("hidden_size", heads * 8);
        json.put("intermediate_size", 40);
        json.put("num_hidden_layers", 5);
        json.put("num_attention_heads", heads);
        json.put("num_key_value_heads", groups);
        json.put("head_dim", headDim);
        json.put("vocab_size", 41);
        json.put("max_position_embeddings", 64);
        json.put("rms_norm_eps", 1e-5);
        json.put("rope_theta", 10_000.0);
        json.put("tie_word_embeddings", false);
        json.putNull("sliding_window");
        return json;
    }

    /// Families with odd numbers of heads, with heads wider or narrower than the hidden size divided by their
    /// number, and with and without tied heads.
    static Stream<Arguments> models() {
        List<ObjectNode> all = new ArrayList<>();
        for (boolean tied : new boolean[] {false, true}) {
            all.add(plain("llama", 3, 1, 8).put("tie_word_embeddings", tied));
            all.add(plain("llama", 6, 2, 16)
                    .put("attention_bias", true)
                    .put("mlp_bias", true)
                    .put("tie_word_embeddings", tied));
            all.add(plain("mistral", 5, 5, 6).put("tie_word_embeddings", tied));
            all.add(plain("qwen2", 7, 1, 8).put("tie_word_embeddings", tied));
            all.add(plain("qwen3", 6, 3, 4).put("tie_word_embeddings", tied));
            all.add(plain("smollm3", 3, 3, 10).put("tie_word_embeddings", tied));
            all.add(plain("olmo2", 3, 1, 8).put("tie_word_embeddings", tied));
            all.add(windowed(plain("olmo3", 5, 5, 8)).put("tie_word_embeddings", tied));
            all.add(plain("exaone4", 3, 1, 8).put("tie_word_embeddings", tied));
            all.add(plain("granite", 6, 2, 16)
                    .put("embedding_multiplier", 12.0)
                    .put("attention_multiplier", 0.07)
                    .put("residual_multiplier", 0.22)
                    .put("logits_scaling", 8.0)
                    .put("mlp_bias", true)
                    .put("tie_word_embeddings", tied));
            all.add(plain("phi3", 6, 2, 8).put("tie_word_embeddings", tied));
            ObjectNode longRope = plain("phi3", 3, 1, 8)
                    .put("partial_rotary_factor", 0.5)
                    .put("original_max_position_embeddings", 16)
                    .put("sliding_window", 64)
                    .put("tie_word_embeddings", tied);
            ObjectNode scaling = longRope.putObject("rope_scaling").put("type", "longrope");
            scaling.putArray("short_factor").add(1.0).add(1.1);
            scaling.putArray("long_factor").add(1.3).add(4.7);
            all.add(longRope);
            all.add(plain("seed_oss", 6, 2, 16).put("tie_word_embeddings", tied));
            all.add(grown(plain("ministral3", 6, 2, 8)).put("tie_word_embeddings", tied));
            all.add(plain("starcoder2", 6, 2, 8).put("tie_word_embeddings", tied));
            all.add(plain("mixtral", 6, 2, 8).put("num_local_experts", 3).put("tie_word_embeddings", tied));
            all.add(plain("qwen3_moe", 3, 1, 12)
                    .put("num_experts", 5)
                    .put("num_experts_per_tok", 2)
                    .put("moe_intermediate_size", 24)
                    .put("norm_topk_prob", true)
                    .put("tie_word_embeddings", tied));
            all.add(plain("olmoe", 6, 6, 8).put("num_experts", 9).put("tie_word_embeddings", tied));
            all.add(plain("granitemoe", 6, 2, 8)
                    .put("num_local_experts", 5)
                    .put("attention_multiplier", 0.07)
                    .put("tie_word_embeddings", tied));
            all.add(plain("glm4", 6, 2, 8).put("tie_word_embeddings", tied));
            all.add(plain("glm4", 3, 1, 12)
                    .put("partial_rotary_factor", 1.0)
                    .put("attention_bias", false)
                    .put("tie_word_embeddings", tied));
            all.add(plain("gemma3_text", 3, 1, 8)
                    .put("query_pre_attn_scalar", 8)
                    .put("tie_word_embeddings", tied));
            all.add(windowed(plain("gemma3_text", 6, 3, 4))
                    .put("query_pre_attn_scalar", 4)
                    .put("rope_local_base_freq", 300.0)
                    .put("tie_word_embeddings", tied));
        }
        all.add(windowed(plain("cohere2", 6, 3, 8)).put("logit_scale", 0.3).put("tie_word_embeddings", true));
        all.add(windowed(plain("gemma2", 6, 3, 4))
                .put("query_pre_attn_scalar", 4)
                .put("attn_logit_softcapping", 12.5)
                .put("final_logit_softcapping", 20.0)
                .put("tie_word_embeddings", true));
        return all.stream()
                .map(json -> Arguments.of(
                        json.path("model_type").stringValue() + ", " + json.path("num_attention_heads") + " heads, "
                                + json.path("num_key_value_heads") + " groups, tied "
                                + json.path("tie_word_embeddings"),
                        json));
    }

    private static ObjectNode grown(ObjectNode json) {
        json.putObject("rope_parameters")
                .put("rope_type", "yarn")
                .put("factor", 4.0)
                .put("original_max_position_embeddings", 16)
                .put("beta_fast", 8.0)
                .put("attention_factor", 1.0)
                .put("llama_4_scaling_beta", 0.25);
        return json;
    }

    private static ObjectNode windowed(ObjectNode json) {
        json.put("sliding_window", 7);
        ArrayNode types = json.putArray("layer_types");
        for (int layer = 0; layer < json.path("num_hidden_layers").intValue(); layer++) {
            types.add(layer == 1 ? "full_attention" : "sliding_attention");
        }
        return json;
    }

    private static StoredTensor tensor(String name, List<Long> shape, StoredType type, Random random) {
        int count = Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
        byte[] bytes = new byte[count * type.blockBytes()];
        MemorySegment data = MemorySegment.ofArray(bytes);
        for (int i = 0; i < count; i++) {
            // Norms have 16 bits, because GGUF stores Gemma's with 1 added, in which others lose their last bits.
            float value = (float) random.nextGaussian();
            value = name.endsWith("norm.weight") ? BFloat16.toFloat(BFloat16.of(value)) : value;
            switch (type) {
                case F32 -> data.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, value);
                case F16 -> data.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i, Float.floatToFloat16(value));
                default ->
                    data.setAtIndex(
                            ValueLayout.JAVA_SHORT_UNALIGNED, i, (short) (Float.floatToRawIntBits(value) >>> 16));
            }
        }
        return new StoredTensor(name, type, shape, data);
    }

    private Path checkpoint(ModelConfig config, StoredType type, long seed) throws IOException {
        Random random = new Random(seed);
        List<StoredTensor> tensors = new ArrayList<>();
        ParameterNames.parameters(config).forEach((name, shape) -> tensors.add(tensor(name, shape, type, random)));
        Path out = folder.resolve("model-" + type + "-" + seed);
        CheckpointDirectory.write(out, config, tensors, new LinkedHashMap<>(), Manifest.untrained());
        return out;
    }

    private static void assertSameNumbers(CheckpointDirectory got, CheckpointDirectory wanted) {
        assertThat(got.tensors().keySet())
                .containsExactlyElementsOf(wanted.tensors().keySet());
        wanted.tensors().forEach((name, tensor) -> {
            StoredTensor other = Optional.ofNullable(got.tensors().get(name)).orElseThrow();
            assertThat(other.shape()).as(name).isEqualTo(tensor.shape());
            // Norms, biases and gates of experts in 16-bit formats are widened.
            boolean isNarrow = tensor.type() != StoredType.F32;
            boolean widened = isNarrow && (tensor.shape().size() == 1 || name.endsWith(ParameterNames.EXPERT_GATE));
            assertThat(other.type()).as(name).isEqualTo(widened ? StoredType.F32 : tensor.type());
            assertThat(other.toFloats()).as(name).isEqualTo(tensor.toFloats());
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("models")
    void whatGoesOutComesBackTheSame(String name, ObjectNode json) throws IOException {
        ModelConfig config = ModelConfig.fromJson(json, name);
        ObjectNode asRead = json.deepCopy();
        if (json.path("model_type").stringValue().equals("mistral")) {
            // Mistral without a window computes the same as Llama, and GGUF has one name for both.
            asRead.put("model_type", "llama");
        }
        for (StoredType type : List.of(StoredType.F32, StoredType.F16, StoredType.BF16)) {
            Path model = checkpoint(config, type, 7);
            CheckpointDirectory original = CheckpointDirectory.open(model);
            for (ModelExport.Format format : ModelExport.Format.values()) {
                Path out = folder.resolve(type + "." + format);
                Path back = folder.resolve(type + "-" + format);
                ModelExport.run(model, format, Optional.empty(), OptionalInt.empty(), out);
                ModelImport.run(out, back, Clock.systemUTC());
                CheckpointDirectory read = CheckpointDirectory.open(back);
                if (format == ModelExport.Format.GGUF) {
                    assertThat(read.config()).isEqualTo(ModelConfig.fromJson(asRead, name));
                    assertSameNumbers(read, original);
                } else {
                    assertThat(read.config()).isEqualTo(config);
                    assertThat(back.resolve("model.safetensors"))
                            .hasSameBinaryContentAs(model.resolve("model.safetensors"));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"expert_choice", "token_choice", "expert_threshold", "random"})
    void aRouterIsRefusedByItsName(String routing) throws IOException {
        ModelConfig config = switch (routing) {
            case "expert_choice" -> TinyModels.expertChoice(KeyValueSharing.NONE);
            case "token_choice" -> TinyModels.tokenChoice(KeyValueSharing.NONE);
            case "expert_threshold" -> TinyModels.expertThreshold(KeyValueSharing.NONE);
            default -> TinyModels.random();
        };
        refused(config, "routing.type " + routing, "vanilla");
    }

    /// A model of fewer steps has fewer layers, and the last layer still has the window and no rotary positions.
    @Test
    void layersKeepWindowAndPositionsWhereTheyCome() throws IOException {
        ObjectNode json = plain("smollm3", 3, 1, 8).put("num_hidden_layers", 8);
        json.put("use_sliding_window", true).put("sliding_window", 9);
        json.set("no_rope_layers", JsonMapper.shared().readTree("[0, 1, 1, 1, 1, 1, 1, 0]"));
        ModelConfig vanilla = ModelConfig.fromJson(json, "test");
        assertThat(vanilla.architecture().unrotatedLayers()).containsExactly(0, 7);
        ModelConfig recursive = vanilla.withRecursion(
                Optional.of(new Recursion(ParameterSharing.MIDDLE_CYCLE, 3)), vanilla.routing(), vanilla.kvSharing());
        Path model = checkpoint(recursive, StoredType.F32, 3);
        for (int depth = 1; depth <= 3; depth++) {
            Path out = folder.resolve("deep-" + depth);
            ModelConfig config = ModelExport.run(
                            model, ModelExport.Format.HF, Optional.empty(), OptionalInt.of(depth), out)
                    .config();
            assertThat(config.numHiddenLayers()).isEqualTo(2 + 2 * depth);
            assertThat(config.architecture().unrotatedLayers()).containsExactly(0, 1 + 2 * depth);
            assertThat(config.architecture().slidingWindow().orElseThrow().layers())
                    .containsExactly(0, 1 + 2 * depth);
            assertThat(CheckpointDirectory.open(out).config()).isEqualTo(config);
        }
    }

    /// With the sequence kinds, which repeat each layer in a row, a step is one repetition of every layer.
    @Test
    void aStepOfASequenceIsEveryLayerOnce() throws IOException {
        ModelConfig vanilla = ModelConfig.fromJson(plain("llama", 3, 1, 8).put("num_hidden_layers", 8), "test");
        Path model = checkpoint(
                vanilla.withRecursion(
                        Optional.of(new Recursion(ParameterSharing.MIDDLE_SEQUENCE, 3)),
                        vanilla.routing(),
                        vanilla.kvSharing()),
                StoredType.F32,
                3);
        CheckpointDirectory stored = CheckpointDirectory.open(model);
        assertThat(stored.config().layerMap().uniqueOf()).containsExactly(0, 1, 1, 1, 2, 2, 2, 3);
        Path out = folder.resolve("two-deep");
        ModelExport.run(model, ModelExport.Format.HF, Optional.empty(), OptionalInt.of(2), out);
        CheckpointDirectory unrolled = CheckpointDirectory.open(out);
        List<Integer> wanted = List.of(0, 1, 1, 2, 2, 3);
        assertThat(unrolled.config().numHiddenLayers()).isEqualTo(wanted.size());
        for (int layer = 0; layer < wanted.size(); layer++) {
            assertThat(projection(unrolled, layer)).isEqualTo(projection(stored, wanted.get(layer)));
        }
    }

    private static float[] projection(CheckpointDirectory model, int layer) {
        return Optional.ofNullable(model.tensors().get("model.layers." + layer + ".mlp.up_proj.weight"))
                .orElseThrow()
                .toFloats();
    }

    @Test
    void keysAndValuesOfAnotherStepAreRefused() throws IOException {
        ModelConfig config = TinyModels.recursive();
        refused(
                config.withRecursion(config.recursion(), config.routing(), KeyValueSharing.RECURSIVE),
                "kv_sharing recursive",
                "no vanilla model");
    }

    private void refused(ModelConfig config, String... named) throws IOException {
        Path model = folder.resolve("routed");
        RandomCheckpoint.write(model, config, 1);
        for (ModelExport.Format format : ModelExport.Format.values()) {
            assertThatThrownBy(() -> ModelExport.run(
                            model, format, Optional.empty(), OptionalInt.empty(), folder.resolve("out")))
                    .isInstanceOf(InputException.class)
                    .hasMessageContainingAll(named);
            assertThat(folder.resolve("out")).doesNotExist();
        }
    }
}
