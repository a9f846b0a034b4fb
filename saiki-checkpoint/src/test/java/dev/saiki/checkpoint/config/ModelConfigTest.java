package dev.saiki.checkpoint.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ModelConfigTest {

    /// A plain Llama with one place for further keys.
    private static final String VANILLA = """
            {"model_type": "llama", "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 8,
             "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 4, "vocab_size": 11%s}
            """;

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    private static ModelConfig parse(String text) {
        return ModelConfig.fromJson(json(text), "config.json");
    }

    private static ModelConfig vanilla(String keys) {
        return parse(VANILLA.formatted(keys.isEmpty() ? "" : ", " + keys));
    }

    private static ModelConfig mixture(String recursion, String routing, String kvSharing) {
        return parse(VANILLA.replace("\"llama\"", "\"mixture_of_recursions\"")
                .formatted(", \"recursion\": " + recursion + ", \"routing\": " + routing + ", \"kv_sharing\": \""
                        + kvSharing + "\""));
    }

    private static ModelConfig routed(String routing) {
        return mixture("{\"sharing\": \"middle_cycle\", \"num_recursions\": 3}", routing, "none");
    }

    private static void refuses(Runnable attempt, String... parts) {
        assertThatThrownBy(attempt::run)
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("config.json: ")
                .message()
                .contains(parts);
    }

    @Test
    void designExampleIsRead() {
        ModelConfig config = routed("""
                {"type": "expert_choice", "router_type": "linear", "router_func": "sigmoid", "alpha": 0.1,
                 "temperature": 1.0, "gating": "weighted"}
                """);

        assertThat(config.recursion()).contains(new Recursion(ParameterSharing.MIDDLE_CYCLE, 3));
        assertThat(config.routing())
                .isEqualTo(new Routing.ExpertChoice(
                        new Routing.Router(RouterType.LINEAR, RouterFunction.SIGMOID, 0.1, 1, Gating.WEIGHTED),
                        List.of(1.0, 2.0 / 3, 1.0 / 3),
                        List.of(0.0, 0.5, 0.5),
                        CausalBy.ROUTER));
        assertThat(config.numRecursions()).isEqualTo(3);
        assertThat(config.isVanilla()).isFalse();
    }

    @Test
    void endsOfSeveralLayersAreReadAndWritten() {
        Recursion ends = new Recursion(ParameterSharing.MIDDLE_CYCLE, 3, 2, 3);
        ModelConfig config =
                Configs.tiny(11).withRecursion(Optional.of(ends), new Routing.None(), KeyValueSharing.NONE);

        assertThat(config.toJson().path("recursion").toString())
                .isEqualTo("{\"sharing\":\"middle_cycle\",\"num_recursions\":3,\"entry_layers\":2,\"exit_layers\":3}");
        assertThat(ModelConfig.fromJson(config.toJson(), "config.json")).isEqualTo(config);
        // The default ends are omitted, as in a file written before other ends existed.
        assertThat(Configs.fixedDepth(Configs.tiny(8), 3)
                        .toJson()
                        .path("recursion")
                        .propertyNames())
                .containsExactly("sharing", "num_recursions");
    }

    @Test
    void gatesOfStepsTakeTheRoutersGatesPlace() {
        Recursion gated = new Recursion(ParameterSharing.MIDDLE_CYCLE, 3).withStepGates();
        ModelConfig config =
                Configs.tiny(8).withRecursion(Optional.of(gated), Configs.expertChoice(3), KeyValueSharing.HYBRID);

        assertThat(config.hasStepGates()).isTrue();
        assertThat(config.toJson().at("/recursion/step_gates").booleanValue()).isTrue();
        assertThat(config.toJson().path("routing").propertyNames())
                .containsExactly("type", "router_type", "temperature", "capacity", "threshold", "causal_by");
        assertThat(ModelConfig.fromJson(config.toJson(), "config.json")).isEqualTo(config);
        assertThat(ParameterNames.required(config)).containsEntry("model.step_gates", List.of(3L));
        assertThat(Configs.mixture(Configs.tiny(8), 3, KeyValueSharing.NONE).hasStepGates())
                .isFalse();
    }

    @Test
    void gatesOfStepsAreRefusedWhereTheyHaveNoMeaning() {
        Recursion gated = new Recursion(ParameterSharing.MIDDLE_CYCLE, 3).withStepGates();

        assertThatThrownBy(() -> Configs.tiny(8)
                        .withRecursion(
                                Optional.of(gated), Configs.tokenChoice(RouterType.LINEAR), KeyValueSharing.NONE))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("recursion.step_gates must be false with routing.type token_choice");
        assertThatThrownBy(() -> Configs.tiny(8)
                        .withRecursion(
                                Optional.of(gated),
                                new Routing.Random(0.5, Gating.WEIGHTED, List.of(1.0, 0.5, 0.5)),
                                KeyValueSharing.NONE))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("routing must be without router_func, alpha and gating");
        assertThatThrownBy(() -> new Recursion(ParameterSharing.SEQUENCE, 3).withStepGates())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("recursion.step_gates must be false with recursion.sharing sequence");
        assertThatThrownBy(() -> new Recursion(ParameterSharing.CYCLE, 1).withStepGates())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("recursion.step_gates must be false with one recursion");
        ObjectNode json = Configs.tiny(8)
                .withRecursion(Optional.of(gated), Configs.expertThreshold(0.5), KeyValueSharing.NONE)
                .toJson();
        ((ObjectNode) json.get("routing")).put("alpha", 0.1);
        assertThatThrownBy(() -> ModelConfig.fromJson(json, "config.json"))
                .isInstanceOf(InputException.class)
                .hasMessage("config.json: routing.alpha is not used with recursion.step_gates,"
                        + " since the router's score is then not a gate");
    }

    @Test
    void whatStepsHaveOfTheirOwnIsReadAndWritten() {
        Recursion own = new Recursion(ParameterSharing.MIDDLE_CYCLE, 3)
                .withStepLora(Optional.of(new StepLora(2, 3)))
                .withStepNorms(true);
        ModelConfig config =
                Configs.tiny(8).withRecursion(Optional.of(own), Configs.expertChoice(3), KeyValueSharing.HYBRID);

        assertThat(config.toJson().at("/recursion/step_lora").toString()).isEqualTo("{\"rank\":2,\"alpha\":3.0}");
        assertThat(config.toJson().at("/recursion/step_norms").booleanValue()).isTrue();
        assertThat(ModelConfig.fromJson(config.toJson(), "config.json")).isEqualTo(config);
        assertThat(ParameterNames.required(config))
                .containsEntry("model.layers.1.steps.1.self_attn.k_proj.lora_A.weight", List.of(2L, 8L))
                .containsEntry("model.layers.2.steps.2.self_attn.k_proj.lora_B.weight", List.of(4L, 2L))
                .containsEntry("model.layers.2.steps.2.mlp.down_proj.lora_A.weight", List.of(2L, 12L))
                .containsEntry("model.layers.1.steps.2.post_attention_layernorm.weight", List.of(8L))
                .doesNotContainKey("model.layers.1.steps.0.input_layernorm.weight")
                .doesNotContainKey("model.layers.0.steps.1.input_layernorm.weight")
                .doesNotContainKey("model.layers.3.steps.1.input_layernorm.weight");
        // Steps that reuse the first step's keys and values have no key and value weights of their own.
        assertThat(ParameterNames.required(
                        config.withRecursion(Optional.of(own), new Routing.None(), KeyValueSharing.RECURSIVE)))
                .containsKey("model.layers.1.steps.1.self_attn.q_proj.lora_A.weight")
                .doesNotContainKey("model.layers.1.steps.1.self_attn.k_proj.lora_A.weight")
                .doesNotContainKey("model.layers.1.steps.1.self_attn.v_proj.lora_B.weight");

        ObjectNode json = config.toJson();
        ((ObjectNode) json.at("/recursion/step_lora")).remove("alpha");
        assertThat(ModelConfig.fromJson(json, "config.json").recursion().flatMap(Recursion::stepLora))
                .contains(new StepLora(2, 2));
    }

    @Test
    void whatStepsHaveOfTheirOwnIsRefusedWhereThereAreNoSuchSteps() {
        Optional<StepLora> lora = Optional.of(new StepLora(2, 3));

        assertThatThrownBy(() -> new Recursion(ParameterSharing.MIDDLE_SEQUENCE, 3).withStepLora(lora))
                .isInstanceOf(InputException.class)
                .hasMessage("recursion.step_lora must be left out with recursion.sharing middle_sequence,"
                        + " which repeats layers in place, got rank 2");
        assertThatThrownBy(() -> new Recursion(ParameterSharing.CYCLE, 1).withStepLora(lora))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("recursion.step_lora must be left out with one recursion");
        assertThatThrownBy(() -> new Recursion(ParameterSharing.SEQUENCE, 3).withStepNorms(true))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("recursion.step_norms must be false with recursion.sharing sequence");
        assertThatThrownBy(() -> new StepLora(0, -1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("recursion.step_lora.rank must be")
                .hasMessageContaining("recursion.step_lora.alpha must be");
        ObjectNode json = Configs.fixedDepth(Configs.tiny(8), 3).toJson();
        ((ObjectNode) json.path("recursion")).putObject("step_lora").put("rang", 2);
        assertThatThrownBy(() -> ModelConfig.fromJson(json, "config.json"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("recursion.step_lora.rang")
                .hasMessageContaining("recursion.step_lora.rank is missing");
    }

    @Test
    void aRecursionMayGetWhatChangesNothingAtFirst() {
        Recursion plain = new Recursion(ParameterSharing.CYCLE, 3).withStepGates();
        Recursion lora = plain.withStepLora(Optional.of(new StepLora(2, 3)));

        assertThat(lora.withStepNorms(true).startsAs(lora)).isTrue();
        assertThat(lora.startsAs(plain)).isTrue();
        assertThat(plain.withStepNorms(true).startsAs(plain)).isTrue();
        assertThat(plain.startsAs(lora)).isFalse();
        assertThat(lora.startsAs(plain.withStepNorms(true))).isFalse();
        assertThat(lora.startsAs(plain.withStepLora(Optional.of(new StepLora(4, 3)))))
                .isFalse();
        assertThat(lora.startsAs(new Recursion(ParameterSharing.CYCLE, 3))).isTrue();
        assertThat(new Recursion(ParameterSharing.CYCLE, 3).startsAs(plain)).isFalse();
        assertThat(lora.startsAs(new Recursion(ParameterSharing.CYCLE, 2))).isFalse();
    }

    @Test
    void aNarrowEmbeddingIsReadWrittenAndChecked() {
        Architecture narrow = Architecture.LLAMA.withEmbeddingSize(OptionalInt.of(3));
        ModelConfig config = Configs.tiny(2).withArchitecture(narrow);

        assertThat(config.toJson().path("embedding_size").intValue()).isEqualTo(3);
        assertThat(config.toJson().path("architectures").toString()).doesNotContain("Llama");
        assertThat(ModelConfig.fromJson(config.toJson(), "config.json")).isEqualTo(config);
        assertThat(config.withNumHiddenLayers(4).architecture()).isEqualTo(narrow);
        assertThat(config.withLayers(List.of(0, 1, 1)).architecture()).isEqualTo(narrow);
        assertThat(ParameterNames.required(config))
                .containsEntry("model.embed_tokens.weight", List.of(11L, 3L))
                .containsEntry("model.embed_projection.weight", List.of(8L, 3L))
                .containsEntry("lm_head.weight", List.of(11L, 8L));
        assertThatThrownBy(
                        () -> Configs.tiny(2).withArchitecture(Architecture.LLAMA.withEmbeddingSize(OptionalInt.of(9))))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("embedding_size must be a whole number from 1 to 8, got 9");
    }

    @Test
    void injectionIsReadWrittenAndRefusedWhereThereAreNoLaterSteps() {
        Recursion injected = new Recursion(ParameterSharing.MIDDLE_CYCLE, 3).withInjection();
        ModelConfig config =
                Configs.tiny(8).withRecursion(Optional.of(injected), Configs.expertChoice(3), KeyValueSharing.NONE);

        assertThat(config.toJson().at("/recursion/injection").booleanValue()).isTrue();
        assertThat(ModelConfig.fromJson(config.toJson(), "config.json")).isEqualTo(config);
        assertThat(ParameterNames.required(config))
                .containsEntry("model.injection.weight", List.of(8L, 8L))
                .containsEntry("model.injection.decay", List.of(8L))
                .containsEntry("model.injection.rate", List.of(8L));
        assertThatThrownBy(() -> new Recursion(ParameterSharing.SEQUENCE, 3).withInjection())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("recursion.injection must be false with recursion.sharing sequence");
        assertThatThrownBy(() -> ExitPoints.of(
                        Configs.tiny(8).withRecursion(Optional.of(injected), new Routing.None(), KeyValueSharing.NONE),
                        1,
                        false))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("recursion.injection");
    }

    @Test
    void leftOutKeysHaveHuggingFacesDefaults() {
        ModelConfig config = parse("""
                {"hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2,
                 "vocab_size": 11, "bos_token_id": null}
                """);

        assertThat(config.numKeyValueHeads()).isEqualTo(2);
        assertThat(config.headDim()).isEqualTo(4);
        assertThat(config.maxPositionEmbeddings()).isEqualTo(2048);
        assertThat(config.rmsNormEps()).isEqualTo(1e-6);
        assertThat(config.ropeTheta()).isEqualTo(10_000);
        assertThat(config.tieWordEmbeddings()).isFalse();
        assertThat(config.initializerRange()).isEqualTo(0.02);
        assertThat(config.bosTokenId()).isEmpty();
        assertThat(config.isVanilla()).isTrue();
        assertThat(config.numRecursions()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"none, 1", "sigmoid, 0.1", "tanh, 0.1"})
    void alphaFollowsTheFunctionInExpertChoice(String function, double alpha) {
        ModelConfig config = routed("{\"type\": \"expert_choice\", \"router_func\": \"" + function + "\"}");

        assertThat(((Routing.ExpertChoice) config.routing()).router().alpha()).isEqualTo(alpha);
    }

    @ParameterizedTest
    @CsvSource({"softmax, 1", "sigmoid, 0.1"})
    void alphaFollowsTheFunctionInTokenChoice(String function, double alpha) {
        ModelConfig config = routed("{\"type\": \"token_choice\", \"router_func\": \"" + function + "\"}");

        assertThat(((Routing.TokenChoice) config.routing()).router().alpha()).isEqualTo(alpha);
    }

    @Test
    void alphaIsNotAppliedWithoutAFunction() {
        ModelConfig config = routed("{\"type\": \"expert_choice\", \"router_func\": \"none\", \"alpha\": 0.1}");

        assertThat(((Routing.ExpertChoice) config.routing()).router().alpha()).isEqualTo(1);
    }

    @Test
    void foreignLlamaIsRead() {
        ModelConfig config = vanilla("""
                "architectures": ["LlamaForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
                "bos_token_id": 0, "eos_token_id": 0, "hidden_act": "silu", "mlp_bias": false, "pad_token_id": 2,
                "pretraining_tp": 1, "rope_interleaved": false, "rope_scaling": null, "torch_dtype": "bfloat16",
                "transformers_version": "4.42.3", "use_cache": true, "is_llama_config": true,
                "rope_parameters": {"rope_type": "default", "rope_theta": 50000.0}
                """);

        assertThat(config.ropeTheta()).isEqualTo(50_000);
        assertThat(config.eosTokenId()).hasValue(0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"hidden_act\": \"gelu\" | hidden_act must be",
                "\"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8.0} | rope_scaling.low_freq_factor is missing",
                "\"rope_scaling\": {\"type\": \"dynamic\", \"factor\": 2.0} | rope_scaling.type must be one of",
                "\"rope_scaling\": {\"type\": \"linear\", \"rope_type\": \"yarn\"} | rope_scaling.type must be equal",
                "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 0.5} | rope_scaling.factor must be",
                "\"rope_scaling\": {\"type\": \"default\", \"mrope_section\": [1]} | rope_scaling.mrope_section is not",
                "\"rope_theta\": 1.0, \"rope_scaling\": {\"type\": \"yarn\", \"factor\": 2} | rope_theta must be greater",
                "\"rope_theta\": 5, \"rope_parameters\": {\"rope_theta\": 6} | rope_theta must be the same",
                "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2}, \"rope_parameters\": {} | rope_parameters must be",
                "\"sliding_window\": 4096 | sliding_window must be absent or null with model_type llama",
                "\"layer_types\": [\"sliding_attention\"] | layer_types must be a list",
                "\"no_rope_layers\": [1] | no_rope_layers must be absent or null with model_type llama",
                "\"partial_rotary_factor\": 0.5 | partial_rotary_factor must be 1",
                "\"final_logit_softcapping\": 30.0 | final_logit_softcapping must be absent or null",
                "\"use_mrope\": true | use_mrope must be false",
                "\"num_local_experts\": 8 | num_local_experts must be absent or null with model_type llama",
                "\"kv_lora_rank\": 8 | kv_lora_rank is not a known key",
                "\"base_model_type\": \"qwen3\" | base_model_type must be absent without a recursion block",
                "\"rope_interleaved\": true | rope_interleaved must be false",
                "\"quantization_config\": {} | quantization_config must be absent",
                "\"eos_token_id\": [1, 11] | eos_token_id must be a whole number from 0 to 10, got 11",
                "\"eos_token_id\": [1, \"2\"] | eos_token_id must be one token or a list of tokens",
                "\"eos_token_id\": 11 | eos_token_id must be a whole number from 0 to 10, got 11",
                "\"rms_norm_eps\": 0 | rms_norm_eps must be a finite number above 0, got 0.0",
                "\"rope_theta\": -1 | rope_theta must be",
                "\"initializer_range\": \"big\" | initializer_range must be a number, got \"big\"",
                "\"rms_norm_eps\": 1e999 | rms_norm_eps must be a finite number",
                "\"tie_word_embeddings\": 1 | tie_word_embeddings must be true or false, got 1",
                "\"max_position_embeddings\": 0 | max_position_embeddings must be",
                "\"tie_word_embedding\": true | did you mean tie_word_embeddings?",
                "\"routing\": {\"type\": \"expert_choice\"} | routing.type must be \"none\" without a recursion block",
                "\"kv_sharing\": \"recursive\" | kv_sharing must be \"none\" without a recursion block",
                "\"recursion\": {\"sharing\": \"cycle\", \"num_recursions\": 2} | mixture_of_recursions"
            })
    void whatVanillaCannotBeIsRefused(String key, String message) {
        refuses(() -> vanilla(key), message);
    }

    /// Java's numbers end at 10 to the power of 308; JSON's do not.
    @Test
    void aWholeNumberBeyondAllBoundsIsNotFinite() {
        String theta = "\"rope_theta\": -1" + "0".repeat(400);
        refuses(() -> vanilla(theta), "rope_theta must be a finite number, got -1000");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hidden_size | 0 | hidden_size must be a whole number from 1",
                "hidden_size | 2097152 | hidden_size must be",
                "hidden_size | 9999999999 | hidden_size must be a 32-bit whole number",
                "hidden_size | 1e400 | hidden_size must be a whole number",
                "hidden_size | 8.5 | hidden_size must be a whole number, got 8.5",
                "hidden_size | \"8\" | hidden_size must be a whole number, got \"8\"",
                "hidden_size | null | hidden_size is missing",
                "vocab_size | 2000000000 | vocab_size must be",
                "num_hidden_layers | 5000 | num_hidden_layers must be a whole number from 1 to 4096, got 5000",
                "num_attention_heads | 3 | num_key_value_heads must be a divisor of num_attention_heads (3), got 2",
                "num_key_value_heads | 4 | num_key_value_heads must be a whole number from 1 to 2, got 4",
                "head_dim | 3 | head_dim must be even",
                "head_dim | 1048576 | num_attention_heads times head_dim must be"
            })
    void impossibleSizesAreRefused(String key, String value, String message) {
        String text = VANILLA.formatted("")
                .replace("\"num_key_value_heads\": 1", "\"num_key_value_heads\": 2")
                .replaceFirst("\"" + key + "\": \\d+", "\"" + key + "\": " + value);

        refuses(() -> parse(text), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"type\": \"expert_choise\"} | did you mean expert_choice?",
                "{} | routing.type is missing",
                "{\"type\": \"expert_choice\", \"router_func\": \"softmax\"} | routing.router_func must be one of none",
                "{\"type\": \"token_choice\", \"router_func\": \"tanh\"} | routing.router_func must be one of softmax",
                "{\"type\": \"expert_choice\", \"router_type\": \"wide\"} | routing.router_type must be one of linear",
                "{\"type\": \"expert_choice\", \"alpha\": 0} | routing.alpha must be",
                "{\"type\": \"expert_choice\", \"temperature\": 0} | routing.temperature must be",
                "{\"type\": \"expert_choice\", \"temprature\": 1} | routing.temprature is not a known key; did you mean",
                "{\"type\": \"expert_choice\", \"capacity\": [1, 0.5]} | 3) entries, got 2 entries",
                "{\"type\": \"expert_choice\", \"capacity\": [0.9, 0.5, 0.1]} | routing.capacity[0] must be 1",
                "{\"type\": \"expert_choice\", \"capacity\": [1, 0.3, 0.4]} | routing.capacity[2] must be at most the previous entry, 0.3, got 0.4",
                "{\"type\": \"expert_choice\", \"capacity\": [1, 0.3, 0]} | routing.capacity[2] must be in (0, 1]",
                "{\"type\": \"expert_choice\", \"capacity\": [1, 1.5, 0.4]} | routing.capacity[1] must be in (0, 1]",
                "{\"type\": \"expert_choice\", \"capacity\": \"1,0.5,0.3\"} | routing.capacity must be a list of numbers",
                "{\"type\": \"expert_choice\", \"threshold\": [0, 0.5]} | routing.threshold must be a list with",
                "{\"type\": \"expert_choice\", \"threshold\": [0.1, 0.5, 0.5]} | routing.threshold[0] must be 0",
                "{\"type\": \"expert_choice\", \"threshold\": [0, 1.5, 0.5]} | routing.threshold[1] must be in [0, 1]",
                "{\"type\": \"token_choice\", \"capacity\": [1, 0.5, 0.3]} | routing.capacity is not used by routing.type token_choice",
                "{\"type\": \"none\", \"alpha\": 1} | routing.alpha is not used by routing.type none",
                "{\"type\": \"expert_threshold\", \"default_effort\": 1} | routing.effort_grid is missing",
                "{\"type\": \"expert_threshold\", \"effort_grid\": [0.5, 1]} | routing.default_effort is missing",
                "{\"type\": \"expert_threshold\", \"effort_grid\": [0.5, 0.5, 1], \"default_effort\": 1} | routing.effort_grid[1] must be above",
                "{\"type\": \"expert_threshold\", \"effort_grid\": [0.5, 0.9], \"default_effort\": 0.5} | whose last entry is 1",
                "{\"type\": \"expert_threshold\", \"effort_grid\": [0, 1], \"default_effort\": 0.5} | routing.effort_grid[0] must be in (0, 1]",
                "{\"type\": \"expert_threshold\", \"effort_grid\": [], \"default_effort\": 0.5} | routing.effort_grid must be",
                "{\"type\": \"expert_threshold\", \"effort_grid\": [0.5, 1], \"default_effort\": 0.4} | routing.default_effort must be within routing.effort_grid, from 0.5 to 1, got 0.4",
                "{\"type\": \"random\", \"capacity\": [1, 0.5]} | routing.capacity must be a list with",
                "{\"type\": \"random\", \"router_func\": \"sigmoid\"} | routing.router_func is not used by routing.type random",
                "\"expert_choice\" | routing must be a JSON object, got \"expert_choice\""
            })
    void impossibleRoutingIsRefused(String routing, String message) {
        refuses(() -> routed(routing), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"sharing\": \"cycle\", \"num_recursions\": 3} | none | none | num_hidden_layers must be a multiple of recursion.num_recursions (3)",
                "{\"sharing\": \"middle_cycle\", \"num_recursions\": 4} | none | none | num_hidden_layers must be 2 plus a multiple",
                "{\"sharing\": \"cycle\", \"num_recursions\": 9} | none | none | num_hidden_layers must be at least 9",
                "{\"sharing\": \"cycle\", \"num_recursions\": 0} | none | none | recursion.num_recursions must be",
                "{\"sharing\": \"cycle\"} | none | none | recursion.num_recursions is missing",
                "{\"num_recursions\": 2} | none | none | recursion.sharing is missing",
                "{\"sharing\": \"cycles\", \"num_recursions\": 2} | none | none | did you mean cycle?",
                "{\"sharing\": \"cycle\", \"num_recursion\": 2} | none | none | did you mean num_recursions?",
                "{\"sharing\": \"sequence\", \"num_recursions\": 2} | token_choice | none | recursion.sharing must be cycle or middle_cycle",
                "{\"sharing\": \"cycle\", \"num_recursions\": 2} | none | hybrid | kv_sharing must be",
                "{\"sharing\": \"cycle\", \"num_recursions\": 2} | none | shared | kv_sharing must be one of none, recursive, hybrid, completion",
                "{\"sharing\": \"cycle\", \"num_recursions\": 2} | none | completion | kv_sharing must be \"none\" or \"recursive\" without routing, got \"completion\"",
                "null | none | none | recursion is missing"
            })
    void impossibleRecursionIsRefused(String recursion, String routing, String kvSharing, String message) {
        refuses(() -> mixture(recursion, "{\"type\": \"" + routing + "\"}", kvSharing), message);
    }

    @Test
    void otherArchitecturesAreRefused() {
        refuses(() -> parse(VANILLA.formatted("").replace("llama", "gpt2")), "model_type", "\"gpt2\"");
        refuses(() -> parse("[1]"), "the top level must be a JSON object");
    }

    @Test
    void everyConfigurationSurvivesJson() {
        for (int seed = 0; seed < 500; seed++) {
            ModelConfig config = randomConfig(new SplittableRandom(seed));

            assertThat(ModelConfig.fromJson(json(config.toJson().toString()), "x"))
                    .as("seed %d", seed)
                    .isEqualTo(config);
        }
    }

    private static ModelConfig randomConfig(SplittableRandom random) {
        int steps = random.nextInt(1, 5);
        int heads = random.nextInt(1, 4);
        int groups = random.nextInt(1, 3);
        ModelConfig base = new ModelConfig(
                random.nextInt(1, 4096),
                random.nextInt(1, 4096),
                2 + steps * random.nextInt(1, 5),
                heads * groups,
                heads,
                2 * random.nextInt(1, 64),
                random.nextInt(1, 100_000),
                random.nextInt(1, 100_000),
                random.nextDouble() + 1e-9,
                random.nextDouble() * 1e6 + 1,
                random.nextBoolean(),
                random.nextDouble() + 1e-9,
                OptionalInt.empty(),
                List.of(0),
                Architecture.LLAMA,
                Optional.empty(),
                new Routing.None(),
                KeyValueSharing.NONE);
        int kind = random.nextInt(6);
        if (kind == 0) {
            return base;
        }
        KeyValueSharing sharing = any(
                random,
                kind == 1
                        ? List.of(KeyValueSharing.NONE, KeyValueSharing.RECURSIVE)
                        : List.of(KeyValueSharing.values()));
        ParameterSharing shape =
                kind == 1 && random.nextBoolean() ? ParameterSharing.MIDDLE_SEQUENCE : ParameterSharing.MIDDLE_CYCLE;
        return Configs.recursive(base, shape, steps, randomRouting(random, kind, steps), sharing);
    }

    private static <E> E any(SplittableRandom random, List<E> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private static Routing randomRouting(SplittableRandom random, int kind, int steps) {
        RouterType type = any(random, List.of(RouterType.values()));
        RouterFunction expert = any(random, List.of(RouterFunction.NONE, RouterFunction.SIGMOID, RouterFunction.TANH));
        double alpha = random.nextDouble() + 1e-6;
        double temperature = random.nextDouble() + 1e-6;
        Gating gating = any(random, List.of(Gating.values()));
        return switch (kind) {
            case 1 -> new Routing.None();
            case 2 ->
                new Routing.ExpertChoice(
                        new Routing.Router(type, expert, alpha, temperature, gating),
                        Capacities.balanced(steps),
                        Routing.defaultThreshold(steps),
                        any(random, List.of(CausalBy.values())));
            case 3 ->
                new Routing.TokenChoice(
                        new Routing.Router(type, RouterFunction.SOFTMAX, alpha, temperature, gating),
                        any(random, List.of(TokenGate.values())));
            case 4 ->
                new Routing.ExpertThreshold(
                        new Routing.Router(type, expert, alpha, temperature, gating), List.of(0.1, 1.0 / 3, 1.0), 0.7);
            default -> new Routing.Random(alpha, gating, Capacities.balanced(steps));
        };
    }

    @Test
    void vanillaIsWrittenAsPlainLlama() {
        JsonNode json = Configs.tiny(2).toJson();

        assertThat(json.get("model_type").stringValue()).isEqualTo("llama");
        assertThat(json.get("architectures").get(0).stringValue()).isEqualTo("LlamaForCausalLM");
        assertThat(json.get("tie_word_embeddings").booleanValue()).isFalse();
        assertThat(json.get("bos_token_id").isNull()).isTrue();
        assertThat(json.has("recursion")).isFalse();
        assertThat(json.has("routing")).isFalse();
        assertThat(json.has("kv_sharing")).isFalse();
    }

    @Test
    void capacitiesFollowTheRouting() {
        ModelConfig base = Configs.tiny(8);

        assertThat(base.capacities()).containsExactly(1.0);
        assertThat(Configs.fixedDepth(base, 3).capacities()).containsExactly(1.0, 1.0, 1.0);
        assertThat(routed("{\"type\": \"token_choice\"}").capacities()).isEqualTo(Capacities.balanced(3));
        assertThat(routed("{\"type\": \"expert_choice\", \"capacity\": [1, 0.5, 0.5]}")
                        .capacities())
                .containsExactly(1.0, 0.5, 0.5);
        assertThat(routed("{\"type\": \"expert_threshold\", \"effort_grid\": [0.5, 1], \"default_effort\": 0.5}")
                        .capacities())
                .containsExactly(1.0, 0.5, 0.25);
        assertThat(routed("{\"type\": \"random\", \"capacity\": [1, 0.5, 0.25]}")
                        .capacities())
                .containsExactly(1.0, 0.5, 0.25);
    }

    @Test
    void unreadableFilesAreRefusedByName(@TempDir Path folder) throws IOException {
        Path absent = folder.resolve("config.json");
        assertThatThrownBy(() -> ModelConfig.read(absent))
                .isInstanceOf(InputException.class)
                .hasMessage(absent + ": no such file");

        for (String text : List.of("", "{", "{\"a\": 1, \"a\": 2}", "{} {}", "nul", "[".repeat(100_000))) {
            Path file = folder.resolve("bad.json");
            Files.writeString(file, text);
            assertThatThrownBy(() -> ModelConfig.read(file))
                    .as(text.substring(0, Math.min(20, text.length())))
                    .isInstanceOf(InputException.class)
                    .hasMessageStartingWith(file + ": ");
        }
    }
}
