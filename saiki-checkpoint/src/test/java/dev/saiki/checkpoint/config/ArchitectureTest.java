package dev.saiki.checkpoint.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.io.InputException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ArchitectureTest {

    private static ModelConfig parse(String type, int layers, String keys) {
        String text = """
                {"model_type": "%s", "hidden_size": 16, "intermediate_size": 12, "num_hidden_layers": %d,
                 "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8, "vocab_size": 11%s}
                """.formatted(type, layers, keys.isEmpty() ? "" : ", " + keys);
        return ModelConfig.fromJson(JsonMapper.shared().readTree(text), "config.json");
    }

    private static Architecture architecture(String type, int layers, String keys) {
        return parse(type, layers, keys).architecture();
    }

    private static ModelConfig reread(ModelConfig config) {
        return ModelConfig.fromJson(JsonMapper.shared().readTree(config.toJson().toString()), "x");
    }

    @ParameterizedTest
    @EnumSource(ModelFamily.class)
    void everyFamilyIsWrittenAsWhatItIs(ModelFamily family) {
        Architecture simplest = Architecture.of(family);
        ModelConfig config = Configs.tiny(4)
                .withArchitecture(
                        family == ModelFamily.COHERE2 ? simplest.withUnrotatedLayers(List.of(0, 1, 2, 3)) : simplest);
        JsonNode json = config.toJson();

        assertThat(json.get("model_type").stringValue()).isEqualTo(family.key());
        assertThat(json.get("architectures").get(0).stringValue()).isEqualTo(family.huggingFaceClass());
        assertThat(reread(config)).isEqualTo(config);
    }

    @Test
    void whatLayersHaveOfTheirOwnGoesWithThemToASmallerModel() {
        Architecture some = Architecture.of(ModelFamily.SMOLLM3)
                .withSlidingWindow(new SlidingWindow(7, List.of(1, 5)))
                .withUnrotatedLayers(List.of(0, 5));
        Architecture kept = some.withLayers(List.of(0, 1, 5));

        assertThat(kept.unrotatedLayers()).containsExactly(0, 2);
        assertThat(kept.slidingWindow()).contains(new SlidingWindow(7, List.of(1, 2)));
        assertThat(some.withLayers(List.of(0, 2)).slidingWindow()).isEmpty();
    }

    @Test
    void randomArchitecturesSurviveJson() {
        for (int seed = 0; seed < 500; seed++) {
            ModelConfig config = random(new SplittableRandom(seed));

            assertThat(reread(config)).as("seed %d", seed).isEqualTo(config);
        }
    }

    private static ModelConfig random(SplittableRandom random) {
        List<ModelFamily> families = List.of(ModelFamily.values());
        ModelFamily family = families.get(random.nextInt(families.size()));
        int layers = random.nextInt(1, 9);
        Architecture architecture = Architecture.of(family)
                .withBiases(family.allowedBiases()
                        .get(random.nextInt(family.allowedBiases().size())))
                .withRopeScaling(
                        switch (random.nextInt(4)) {
                            case 0 -> new RopeScaling.None();
                            case 1 -> new RopeScaling.Linear(1 + random.nextDouble());
                            case 2 -> new RopeScaling.Llama3(1 + random.nextDouble(), 1, 4, random.nextInt(1, 99));
                            default ->
                                new RopeScaling.Yarn(
                                        4,
                                        random.nextInt(1, 99),
                                        32,
                                        1,
                                        random.nextBoolean(),
                                        random.nextBoolean() ? OptionalDouble.of(1.5) : OptionalDouble.empty(),
                                        0);
                        });
        List<Integer> some = IntStream.range(0, layers)
                .filter(_ -> random.nextBoolean())
                .boxed()
                .toList();
        architecture = switch (family) {
            case LLAMA, OLMO2, SEED_OSS -> architecture;
            case GRANITE ->
                architecture.withScales(new Scales(
                        12 * random.nextDouble(0.1, 1),
                        random.nextBoolean() ? OptionalDouble.of(random.nextDouble(0.01, 1)) : OptionalDouble.empty(),
                        random.nextDouble(0.1, 1),
                        8,
                        SoftCaps.NONE));
            case MIXTRAL, GRANITEMOE ->
                architecture.withExperts(new Experts(random.nextInt(2, 9), random.nextInt(1, 3), true));
            case QWEN3_MOE, OLMOE ->
                architecture.withExperts(new Experts(random.nextInt(2, 9), random.nextInt(1, 3), random.nextBoolean()));
            case OLMO3 -> some.isEmpty() ? architecture : architecture.withSlidingWindow(new SlidingWindow(5, some));
            case EXAONE4 ->
                some.isEmpty()
                        ? architecture
                        : architecture
                                .withSlidingWindow(new SlidingWindow(5, some))
                                .withUnrotatedLayers(IntStream.range(0, layers)
                                        .filter(layer -> !some.contains(layer))
                                        .boxed()
                                        .toList());
            case MINISTRAL3 -> {
                Architecture grown = architecture.withRopeScaling(
                        new RopeScaling.Yarn(2, 7, 32, 1, true, OptionalDouble.of(1), random.nextInt(3) * 0.1));
                yield random.nextBoolean() ? grown : grown.withSlidingWindow(SlidingWindow.ofLayers(5, 0, layers));
            }
            case COHERE2 -> {
                Architecture scaled = architecture.withScales(Scales.NONE.withLogits(1 / random.nextDouble(0.1, 1)));
                yield (some.isEmpty() ? scaled : scaled.withSlidingWindow(new SlidingWindow(5, some)))
                        .withUnrotatedLayers(IntStream.range(0, layers)
                                .filter(layer -> !some.contains(layer))
                                .boxed()
                                .toList());
            }
            case STARCODER2 ->
                random.nextBoolean()
                        ? architecture
                        : architecture.withBiases(Biases.NONE).withSlidingWindow(SlidingWindow.ofLayers(5, 0, layers));
            case GLM, GLM4 -> random.nextBoolean() ? architecture : architecture.withRotatedShare(0.5);
            case GEMMA2 ->
                (some.isEmpty() ? architecture : architecture.withSlidingWindow(new SlidingWindow(5, some)))
                        .withScales(Scales.NONE.withCaps(new SoftCaps(
                                random.nextBoolean() ? OptionalDouble.of(50) : OptionalDouble.empty(),
                                random.nextBoolean() ? OptionalDouble.of(30.5) : OptionalDouble.empty())));
            case GEMMA3_TEXT -> {
                Architecture gemma =
                        some.isEmpty() ? architecture : architecture.withSlidingWindow(new SlidingWindow(5, some));
                gemma = random.nextBoolean() ? gemma.withWindowTheta(random.nextInt(10, 99)) : gemma;
                yield random.nextBoolean()
                        ? gemma.withScales(
                                Scales.NONE.withAttention(OptionalDouble.of(1 / Math.sqrt(random.nextInt(5, 300)))))
                        : gemma;
            }
            case MISTRAL -> architecture.withSlidingWindow(SlidingWindow.ofLayers(5, 0, layers));
            case PHI3 -> {
                Architecture phi = random.nextBoolean()
                        ? architecture.withSlidingWindow(SlidingWindow.ofLayers(5, 0, layers))
                        : architecture;
                yield random.nextBoolean()
                        ? phi
                        : phi.withRopeScaling(longRope(random)).withRotatedShare(0.5);
            }
            case QWEN2, QWEN3 ->
                some.isEmpty() ? architecture : architecture.withSlidingWindow(new SlidingWindow(5, some));
            case SMOLLM3 -> architecture.withUnrotatedLayers(some);
        };
        return Configs.tiny(layers).withArchitecture(architecture);
    }

    /// A scaling of the one rotated pair of heads of four elements.
    private static RopeScaling longRope(SplittableRandom random) {
        int original = random.nextInt(2, 99);
        return new RopeScaling.LongRope(
                List.of(random.nextDouble(1, 2)),
                List.of(random.nextDouble(2, 9)),
                original,
                random.nextBoolean() ? (double) Configs.tiny(1).maxPositionEmbeddings() / original : 3,
                random.nextBoolean() ? OptionalDouble.of(1.5) : OptionalDouble.empty(),
                Configs.tiny(1).maxPositionEmbeddings() > original);
    }

    @Test
    void phiRotatesAPartOfAHeadAndHasDivisorsForTwoContexts() {
        String scaling = """
                "partial_rotary_factor": 0.5, "head_dim": 8, "original_max_position_embeddings": 16,
                "rope_scaling": {"type": "longrope", "short_factor": [1.0, 2.0], "long_factor": [3.0, 4.0]}
                """;
        ModelConfig phi = parse("phi3", 2, scaling + ", \"max_position_embeddings\": 64");

        assertThat(phi.rotaryFrequencies(Rotation.USUAL)).containsExactly(1.0 / 3, 0.01 / 4);
        assertThat(phi.rotaryMagnitude(Rotation.USUAL)).isCloseTo(Math.sqrt(1.5), within(1e-12));
        ModelConfig withinOriginal = parse("phi3", 2, scaling + ", \"max_position_embeddings\": 16");
        assertThat(withinOriginal.rotaryFrequencies(Rotation.USUAL)).containsExactly(1, 0.01 / 2);
        assertThat(withinOriginal.rotaryMagnitude(Rotation.USUAL)).isEqualTo(1);
        assertThatThrownBy(() -> parse("phi3", 2, scaling.replace("0.5", "1.0")))
                .hasMessageContaining("short_factor and long_factor must be lists of 4 numbers");
        assertThatThrownBy(() -> parse("phi3", 2, "\"head_dim\": 8, \"partial_rotary_factor\": 0.4"))
                .hasMessageContaining("partial_rotary_factor must be");
        assertThatThrownBy(() -> parse("phi3", 2, "\"auto_map\": {\"AutoModelForCausalLM\": \"other.Phi3V\"}"))
                .hasMessageContaining("auto_map.AutoModelForCausalLM must be absent or Phi3ForCausalLM");
        assertThat(parse("phi3", 2, "\"auto_map\": {\"AutoModelForCausalLM\": \"modeling_phi3.Phi3ForCausalLM\"}"))
                .isEqualTo(parse("phi3", 2, ""));
    }

    @Test
    void llamaMayHaveBiases() {
        assertThat(architecture("llama", 2, "\"attention_bias\": true").biases())
                .isEqualTo(Biases.ATTENTION);
        assertThat(architecture("llama", 2, "\"attention_bias\": true, \"mlp_bias\": true")
                        .biases())
                .isEqualTo(Biases.ALL);
        assertThat(architecture("qwen2", 2, "").biases()).isEqualTo(Biases.QUERY_KEY_VALUE);
    }

    @Test
    void mistralHasOneWindowForAllLayersUnlessItSaysNull() {
        assertThat(architecture("mistral", 3, "\"sliding_window\": 7").slidingWindow())
                .contains(SlidingWindow.ofLayers(7, 0, 3));
        assertThat(architecture("mistral", 3, "").slidingWindow()).contains(SlidingWindow.ofLayers(4096, 0, 3));
        assertThat(architecture("mistral", 3, "\"sliding_window\": null").slidingWindow())
                .isEmpty();
    }

    @Test
    void qwenHasAWindowOnlyIfItIsSwitchedOn() {
        String size = "\"sliding_window\": 7, \"max_window_layers\": 1";

        assertThat(architecture("qwen2", 3, size).slidingWindow()).isEmpty();
        assertThat(architecture("qwen3", 3, size + ", \"use_sliding_window\": true")
                        .slidingWindow())
                .contains(SlidingWindow.ofLayers(7, 1, 3));
        assertThat(architecture("qwen3", 3, """
                        "sliding_window": 7, "use_sliding_window": true,
                        "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]
                        """).slidingWindow()).contains(new SlidingWindow(7, List.of(0, 2)));
    }

    @Test
    void everyFourthLayerOfSmolLmIsNotRotated() {
        assertThat(architecture("smollm3", 9, "").unrotatedLayers()).containsExactly(3, 7);
        assertThat(architecture("smollm3", 3, "\"no_rope_layers\": [0, 1, 0]").unrotatedLayers())
                .containsExactly(0, 2);
        assertThat(architecture("smollm3", 4, "\"use_sliding_window\": true, \"sliding_window\": 7")
                        .slidingWindow())
                .contains(new SlidingWindow(7, List.of(3)));
        assertThat(parse("smollm3", 3, "").tieWordEmbeddings()).isTrue();
    }

    @Test
    void layersWithoutAWindowComeAtIntervals() {
        assertThat(architecture("olmo3", 8, "\"sliding_window\": 7").slidingWindow())
                .contains(new SlidingWindow(7, List.of(0, 1, 2, 4, 5, 6)));
        assertThat(architecture("gemma3_text", 7, "").slidingWindow())
                .contains(new SlidingWindow(4096, List.of(0, 1, 2, 3, 4, 6)));
        assertThat(architecture("gemma3_text", 3, "\"sliding_window_pattern\": 2")
                        .slidingWindow())
                .contains(new SlidingWindow(4096, List.of(0, 2)));
        assertThat(architecture("exaone4", 4, "\"sliding_window\": null, \"sliding_window_pattern\": null"))
                .isEqualTo(Architecture.of(ModelFamily.EXAONE4));
        assertThat(architecture("exaone4", 5, "\"sliding_window\": 7, \"sliding_window_pattern\": \"LLG\""))
                .satisfies(read -> assertThat(read.unrotatedLayers()).containsExactly(2))
                .satisfies(
                        read -> assertThat(read.slidingWindow()).contains(new SlidingWindow(7, List.of(0, 1, 3, 4))));
        assertThatThrownBy(() ->
                        architecture("olmo3", 1, "\"sliding_window\": null, \"layer_types\": [\"sliding_attention\"]"))
                .hasMessageContaining("sliding_window must be a number");
    }

    @Test
    void keysOfOtherFamiliesAreRefused() {
        assertThatThrownBy(() -> architecture("llama", 1, "\"logits_scaling\": 8.0"))
                .hasMessageContaining("logits_scaling must be absent or null with model_type llama");
        assertThatThrownBy(() -> architecture("gemma3_text", 1, "\"hidden_activation\": \"swish\""))
                .hasMessageContaining("hidden_activation must be \"gelu_pytorch_tanh\"");
        assertThatThrownBy(() -> architecture("gemma3_text", 1, "\"hidden_activation\": \"silu\""))
                .hasMessageContaining("gelu_pytorch_tanh");
        assertThatThrownBy(() -> architecture("gemma3_text", 1, "\"final_logit_softcapping\": 30.0"))
                .hasMessageContaining("final_logit_softcapping");
    }

    @Test
    void glmRotatesHalfOfAHeadAndHasBiasesOnQueriesKeysAndValues() {
        assertThat(architecture("glm4", 2, "").positions().rotatedShare()).isEqualTo(0.5);
        assertThat(architecture("glm4", 2, "").biases()).isEqualTo(Biases.QUERY_KEY_VALUE);
        assertThat(architecture("glm", 2, "\"attention_bias\": false, \"partial_rotary_factor\": 1.0"))
                .isEqualTo(Architecture.of(ModelFamily.GLM).withBiases(Biases.NONE));
        assertThat(names("glm4"))
                .containsKeys(
                        "model.layers.0.post_self_attn_layernorm.weight", "model.layers.1.post_mlp_layernorm.weight");
    }

    @Test
    void cohereRotatesOnlyLayersWithAWindowAndScalesLogits() {
        ModelConfig config =
                parse("cohere2", 5, "\"sliding_window\": 7, \"logit_scale\": 0.25, \"layer_norm_eps\": 1e-3");
        assertThat(config.rmsNormEps()).isEqualTo(1e-3);
        assertThat(config.tieWordEmbeddings()).isTrue();
        assertThat(config.architecture())
                .isEqualTo(Architecture.of(ModelFamily.COHERE2)
                        .withSlidingWindow(new SlidingWindow(7, List.of(0, 1, 2, 4)))
                        .withUnrotatedLayers(List.of(3))
                        .withScales(Scales.NONE.withLogits(4)));
        assertThat(architecture("cohere2", 2, "\"sliding_window\": null").unrotatedLayers())
                .containsExactly(0, 1);
        assertThat(architecture("cohere2", 2, "").scales().logits()).isEqualTo(16);
        assertThat(names("cohere2").keySet()).noneMatch(name -> name.contains("post_"));
        assertThatThrownBy(() -> parse("llama", 2, "\"layer_norm_eps\": 1e-3"))
                .hasMessageContaining("layer_norm_eps must be absent");
    }

    @Test
    void starCoderHasNoGateAndBiasesEverywhere() {
        ModelConfig config = parse("starcoder2", 2, "\"norm_epsilon\": 1e-3, \"sliding_window\": 7");
        assertThat(config.rmsNormEps()).isEqualTo(1e-3);
        assertThat(config.architecture().biases()).isEqualTo(Biases.ALL);
        assertThat(architecture("starcoder2", 2, "\"use_bias\": false").biases())
                .isEqualTo(Biases.NONE);
        assertThat(names("starcoder2"))
                .containsKeys(
                        "model.norm.bias",
                        "model.layers.1.input_layernorm.bias",
                        "model.layers.0.post_attention_layernorm.bias",
                        "model.layers.0.mlp.down_proj.bias")
                .doesNotContainKey("model.layers.0.mlp.gate_proj.weight");
    }

    @Test
    void ministralScalesPositionsByYarnAndItsQueriesGrow() {
        RopeScaling usual = architecture("ministral3", 2, "").positions().scaling();
        assertThat(usual).isEqualTo(new RopeScaling.Yarn(16, 16_384, 32, 1, true, OptionalDouble.of(1), 0.1));
        assertThat(usual.queryFactor(16_383)).isEqualTo(1);
        assertThat(usual.queryFactor(40_000)).isCloseTo(1 + 0.1 * Math.log(3), within(1e-12));
        String block = "\"rope_parameters\": {\"rope_type\": \"yarn\", \"factor\": 4.0, \"rope_theta\": 5e5,"
                + " \"original_max_position_embeddings\": 8, \"max_position_embeddings\": 32, \"mscale\": 1.0,"
                + " \"mscale_all_dim\": 1.0, \"llama_4_scaling_beta\": 0.5}";
        assertThat(architecture("ministral3", 2, block).positions().scaling())
                .isEqualTo(new RopeScaling.Yarn(4, 8, 32, 1, true, OptionalDouble.of(1), 0.5));
        assertThatThrownBy(() -> parse("mistral", 2, block))
                .hasMessageContaining("llama_4_scaling_beta must be absent");
        assertThatThrownBy(() -> parse("ministral3", 2, "\"rope_scaling\": {\"type\": \"default\"}"))
                .hasMessageContaining("rope_type must be yarn");
    }

    @Test
    void gemma2BoundsScoresAndLogitsUnlessAKeyIsNull() {
        assertThat(architecture("gemma2", 3, "").scales().caps())
                .isEqualTo(new SoftCaps(OptionalDouble.of(50), OptionalDouble.of(30)));
        assertThat(architecture("gemma2", 3, "").slidingWindow()).contains(new SlidingWindow(4096, List.of(0, 2)));
        assertThat(architecture("gemma2", 3, "\"attn_logit_softcapping\": null, \"final_logit_softcapping\": 7.5")
                        .scales()
                        .caps())
                .isEqualTo(new SoftCaps(OptionalDouble.empty(), OptionalDouble.of(7.5)));
        assertThatThrownBy(() -> architecture("gemma2", 1, "\"final_logit_softcapping\": 0.0"))
                .hasMessageContaining("final_logit_softcapping must be");
    }

    @Test
    void positionsOfLayersWithAWindowAreApart() {
        ModelConfig gemma = parse("gemma3_text", 6, """
                "rope_parameters": {"full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1e6},
                                    "sliding_attention": {"rope_type": "default", "rope_theta": 1e4}}""");

        assertThat(gemma.ropeTheta()).isEqualTo(1e6);
        assertThat(gemma.architecture().positions().scaling()).isEqualTo(new RopeScaling.Linear(8));
        assertThat(gemma.architecture().positions().windowTheta()).hasValue(1e4);
        assertThat(gemma.architecture().rotationOf(0)).isEqualTo(Rotation.OF_WINDOWS);
        assertThat(gemma.architecture().rotationOf(5)).isEqualTo(Rotation.USUAL);
        assertThat(parse("llama", 6, "").architecture().rotationOf(0)).isEqualTo(Rotation.USUAL);
    }

    @Test
    void scalingIsReadInOldAndNewSpelling() {
        RopeScaling.Llama3 llama = new RopeScaling.Llama3(8, 1, 4, 8192);
        String rest = "\"factor\": 8.0, \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0,"
                + " \"original_max_position_embeddings\": 8192}";

        assertThat(architecture("llama", 2, "\"rope_scaling\": {\"rope_type\": \"llama3\", " + rest)
                        .positions()
                        .scaling())
                .isEqualTo(llama);
        assertThat(architecture("llama", 2, "\"rope_scaling\": {\"type\": \"llama3\", " + rest)
                        .positions()
                        .scaling())
                .isEqualTo(llama);
        assertThat(parse("llama", 2, "\"rope_parameters\": {\"rope_type\": \"llama3\", \"rope_theta\": 5e5, " + rest))
                .satisfies(config ->
                        assertThat(config.architecture().positions().scaling()).isEqualTo(llama))
                .satisfies(config -> assertThat(config.ropeTheta()).isEqualTo(5e5));
        assertThat(architecture("llama", 2, "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2.0}")
                        .positions()
                        .scaling())
                .isEqualTo(new RopeScaling.Linear(2));
    }

    @Test
    void yarnTakesTheContextForTheOriginalOneAndWeighsLogarithms() {
        assertThat(architecture(
                                "qwen2",
                                2,
                                "\"max_position_embeddings\": 32, \"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4}")
                        .positions()
                        .scaling())
                .isEqualTo(RopeScaling.Yarn.of(4, 32));
        RopeScaling weighed = architecture(
                        "llama",
                        2,
                        "\"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4, \"mscale\": 1, \"mscale_all_dim\": 0.5}")
                .positions()
                .scaling();
        assertThat(weighed.magnitude()).isCloseTo((0.1 * Math.log(4) + 1) / (0.05 * Math.log(4) + 1), within(1e-12));
        assertThat(RopeScaling.Yarn.of(4, 32).magnitude()).isCloseTo(0.1 * Math.log(4) + 1, within(1e-12));
    }

    @Test
    void scalingsLeaveFastPairsAndDivideSlowOnes() {
        double[] plain = new RopeScaling.None().frequencies(64, 10_000);
        for (RopeScaling scaling : List.of(new RopeScaling.Llama3(8, 1, 4, 1024), RopeScaling.Yarn.of(8, 1024))) {
            double[] scaled = scaling.frequencies(64, 10_000);

            assertThat(scaled[0]).isCloseTo(plain[0], within(1e-12));
            assertThat(scaled[31]).isCloseTo(plain[31] / 8, within(1e-12));
            assertThat(IntStream.range(1, 31).filter(i -> scaled[i] < plain[i] && scaled[i] > plain[i] / 8))
                    .isNotEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mistral | \"attention_bias\": true | attention_bias must be false, the only supported value with model_type",
                "qwen3 | \"mlp_bias\": true | mlp_bias must be false",
                "olmo2 | \"sliding_window\": 4 | sliding_window must be absent or null with model_type olmo2",
                "qwen2 | \"layer_types\": [\"sliding_attention\", \"full_attention\"] | use_sliding_window must be true",
                "qwen2 | \"layer_types\": [\"chunked_attention\", \"full_attention\"] | layer_types must be a list of",
                "smollm3 | \"no_rope_layers\": [1] | no_rope_layers must be a list with a 0 or 1 for each of the 2",
                "smollm3 | \"no_rope_layer_interval\": 0 | no_rope_layer_interval must be",
                "mistral | \"sliding_window\": 0 | sliding_window must be a whole number from 1",
                "deepseek_v3 | \"num_local_experts\": 8 | model_type must be one of llama, mistral",
                "mixtral | \"num_local_experts\": 2, \"num_experts_per_tok\": 3 | num_experts_per_tok must be a whole number from 1 to 2",
                "mixtral | \"num_local_experts\": 40000 | the number of experts in all layers must be a whole number from 1 to 65536",
                "mistral | \"num_local_experts\": 8 | num_local_experts must be absent or null with model_type mistral",
                "qwen3_moe | \"moe_intermediate_size\": 4, \"mlp_only_layers\": [1] | mlp_only_layers must be empty",
                "qwen3_moe | \"moe_intermediate_size\": 4, \"decoder_sparse_step\": 2 | decoder_sparse_step must be 1",
                "gpt_neox | \"mlp_bias\": false | which are the supported ones, got \"gpt_neox\"",
                "llama | \"rope_scaling\": {\"rope_type\": \"dynamic\", \"factor\": 2.0} | supported ones, got \"dynamic\""
            })
    void whatAFamilyDoesNotHaveIsRefused(String type, String keys, String message) {
        assertThatThrownBy(() -> parse(type, 2, keys))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("config.json: ")
                .message()
                .contains(message);
    }

    @Test
    void recursiveModelsNameTheirFamily() {
        ModelConfig config =
                Configs.fixedDepth(Configs.tiny(8).withArchitecture(Architecture.of(ModelFamily.QWEN3)), 3);

        assertThat(config.toJson().get("base_model_type").stringValue()).isEqualTo("qwen3");
        assertThat(reread(config)).isEqualTo(config);
    }

    @Test
    void layersThatShareWeightsShareTheirWindow() {
        Architecture qwen = Architecture.of(ModelFamily.QWEN3);
        ModelConfig half = Configs.tiny(8).withArchitecture(qwen.withSlidingWindow(SlidingWindow.ofLayers(5, 4, 8)));
        ModelConfig ends =
                Configs.tiny(8).withArchitecture(qwen.withSlidingWindow(new SlidingWindow(5, List.of(0, 7))));

        assertThatThrownBy(() -> Configs.fixedDepth(half, 3))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("sliding_window must be the same for layers that share their weights");
        assertThat(Configs.fixedDepth(ends, 3).architecture().windowOf(7)).hasValue(5);
    }

    @Test
    void fewerLayersKeepAWindowOverAll() {
        ModelConfig config = parse("mistral", 4, "\"sliding_window\": 7");

        assertThat(config.withNumHiddenLayers(6).architecture().slidingWindow())
                .isEqualTo(Optional.of(SlidingWindow.ofLayers(7, 0, 6)));
    }

    @Test
    void severalTokensMayEndAText() {
        ModelConfig config = parse("llama", 2, "\"eos_token_id\": [3, 5, 4]");

        assertThat(config.eosTokenId()).hasValue(3);
        assertThat(config.eosTokenIds()).containsExactly(3, 5, 4);
        assertThat(reread(config)).isEqualTo(config);
    }

    @Test
    void namesFollowTheFamily() {
        assertThat(names("qwen2"))
                .contains(Map.entry("model.layers.0.self_attn.k_proj.bias", List.of(16L)))
                .doesNotContainKey("model.layers.0.self_attn.o_proj.bias");
        assertThat(names("qwen3")).contains(Map.entry("model.layers.1.self_attn.q_norm.weight", List.of(8L)));
        assertThat(names("olmo2"))
                .contains(
                        Map.entry("model.layers.1.self_attn.q_norm.weight", List.of(32L)),
                        Map.entry("model.layers.1.self_attn.k_norm.weight", List.of(16L)),
                        Map.entry("model.layers.0.post_feedforward_layernorm.weight", List.of(16L)))
                .doesNotContainKey("model.layers.0.input_layernorm.weight");
    }

    private static Map<String, List<Long>> names(String type) {
        return ParameterNames.parameters(parse(type, 2, ""));
    }
}
