package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.JsonFields;
import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The JSON form of a {@link ModelConfig}.
final class ModelConfigJson {

    /// The width of a head from which a missing hidden size is computed, so that checking can continue.
    private static final int SMALLEST_HEAD = 2;

    private static final String MIXTURE_OF_RECURSIONS = "mixture_of_recursions";

    /// The base family of a recursive model; omitted for Llama.
    private static final String BASE_MODEL_TYPE = "base_model_type";

    private static final String ENTRY_LAYERS = "entry_layers";
    private static final String EXIT_LAYERS = "exit_layers";
    private static final String STEP_GATES = "step_gates";
    private static final String STEP_LORA = "step_lora";
    private static final String STEP_NORMS = "step_norms";
    private static final String INJECTION = "injection";

    private static final Set<String> OWN_KEYS = Set.of(
            "model_type",
            BASE_MODEL_TYPE,
            "hidden_size",
            "intermediate_size",
            "num_hidden_layers",
            "num_attention_heads",
            "num_key_value_heads",
            "head_dim",
            "vocab_size",
            "max_position_embeddings",
            "rms_norm_eps",
            "rope_theta",
            "tie_word_embeddings",
            "initializer_range",
            "bos_token_id",
            "eos_token_id",
            "recursion",
            "routing",
            "kv_sharing");

    private static final Set<String> ALL_KEYS = Stream.of(
                    OWN_KEYS, ArchitectureJson.KEYS, FixedKeys.HARMLESS, FixedKeys.CHECKED)
            .flatMap(Set::stream)
            .collect(Collectors.toUnmodifiableSet());

    private ModelConfigJson() {}

    /// Reads a configuration, and reports all its problems together. Without a known family there are no others.
    static ModelConfig read(JsonNode json) {
        Problems problems = new Problems();
        JsonFields fields = JsonFields.gathering(json, problems);
        Optional<ModelFamily> family = problems.attempt(() -> readFamily(fields));
        if (family.isEmpty()) {
            problems.throwIfAny();
        }
        FixedKeys.check(fields, ALL_KEYS, family.orElseThrow());
        Optional<ModelConfig> config = problems.attempt(() -> readFields(fields, family.orElseThrow(), problems));
        problems.throwIfAny();
        return config.orElseThrow();
    }

    /// A missing value or a wrong type has already been reported and is replaced by a valid value, so that the
    /// ranges of the other values are still checked.
    private static ModelConfig readFields(JsonFields fields, ModelFamily family, Problems problems) {
        Blocks blocks = blocks(fields, problems);
        FamilyDefaults defaults = FamilyDefaults.of(family);
        int heads = fields.requireInt(
                "num_attention_heads", fields.optionalInt("num_key_value_heads").orElse(1));
        int hiddenSize = fields.requireInt("hidden_size", Math.max(1, heads) * SMALLEST_HEAD);
        int layers = fields.requireInt("num_hidden_layers", layers(blocks.recursion()));
        int positions = fields.optionalInt("max_position_embeddings").orElse(defaults.maxPositionEmbeddings());
        double theta = RopeJson.readTheta(fields, defaults.ropeTheta());
        // An invalid architecture has already been reported; the original Llama's replaces it, so that the sizes
        // are still checked.
        Architecture architecture = problems.attempt(() -> ArchitectureJson.read(fields, family, layers, positions))
                .orElse(Architecture.LLAMA);
        int headDim = fields.optionalInt("head_dim")
                .or(() -> headDimLeftOut(fields, defaults))
                .orElseGet(() -> headDim(hiddenSize, heads));
        return new ModelConfig(
                hiddenSize,
                fields.requireInt(family.innerKey(), 1),
                layers,
                heads,
                keyValueHeads(fields, defaults, heads),
                headDim,
                fields.requireInt("vocab_size", ModelConfig.MAX_VOCABULARY),
                positions,
                fields.optionalDouble(family.epsilonKey()).orElse(defaults.rmsNormEps()),
                theta,
                fields.optionalBoolean("tie_word_embeddings").orElse(defaults.tieWordEmbeddings()),
                fields.optionalDouble("initializer_range").orElse(0.02),
                token(fields, "bos_token_id"),
                endTokens(fields),
                architecture.withoutUsual(headDim, theta),
                blocks.recursion(),
                blocks.routing(),
                blocks.kvSharing());
    }

    /// Null means the number of query heads; a missing key means the family's default.
    private static int keyValueHeads(JsonFields fields, FamilyDefaults defaults, int heads) {
        return fields.optionalInt("num_key_value_heads")
                .orElseGet(() -> fields.keys().contains("num_key_value_heads")
                        ? heads
                        : defaults.numKeyValueHeads().orElse(heads));
    }

    private static Optional<Integer> headDimLeftOut(JsonFields fields, FamilyDefaults defaults) {
        return fields.keys().contains("head_dim") || defaults.headDim().isEmpty()
                ? Optional.empty()
                : Optional.of(defaults.headDim().getAsInt());
    }

    /// The recursion blocks of a configuration.
    private record Blocks(Optional<Recursion> recursion, Routing routing, KeyValueSharing kvSharing) {
        static final Blocks VANILLA = new Blocks(Optional.empty(), new Routing.None(), KeyValueSharing.NONE);
    }

    /// If one of the blocks is invalid, all blocks are replaced by a vanilla model's.
    private static Blocks blocks(JsonFields fields, Problems problems) {
        int before = problems.size();
        Optional<Recursion> recursion = fields.object("recursion")
                .flatMap(block -> problems.attempt(() -> readRecursion(block)).flatMap(read -> read));
        int numRecursions = recursion.map(Recursion::numRecursions).orElse(1);
        boolean stepGates = recursion.map(Recursion::stepGates).orElse(false);
        Optional<Routing> routing = fields.object("routing")
                .flatMap(block -> problems.attempt(() -> RoutingJson.read(block, numRecursions, stepGates))
                        .flatMap(read -> read));
        Optional<KeyValueSharing> kvSharing = JsonEnum.read(fields, "kv_sharing", KeyValueSharing.values());
        return problems.size() > before
                ? Blocks.VANILLA
                : new Blocks(recursion, routing.orElseGet(Routing.None::new), kvSharing.orElse(KeyValueSharing.NONE));
    }

    /// A number of layers that is valid for a recursion, to replace a missing one.
    private static int layers(Optional<Recursion> recursion) {
        return recursion
                .map(block -> LayerDropping.fittingLayers(block, ModelConfig.MAX_LAYERS))
                .orElse(1);
    }

    /// Without a model type, the family is the value of `base_model_type`, by default Llama.
    private static ModelFamily readFamily(JsonFields fields) {
        Optional<String> type = fields.optionalString("model_type");
        boolean recursive = fields.value("recursion").isPresent();
        Optional<ModelFamily> base = JsonEnum.read(fields, BASE_MODEL_TYPE, ModelFamily.values());
        if (base.isPresent() && !recursive) {
            throw ValueChecks.wrong(
                    BASE_MODEL_TYPE,
                    "absent without a recursion block",
                    base.get().key());
        }
        if (type.isEmpty()) {
            return base.orElse(ModelFamily.LLAMA);
        }
        if (type.get().equals(MIXTURE_OF_RECURSIONS)) {
            if (!recursive) {
                throw fields.missing("recursion");
            }
            return base.orElse(ModelFamily.LLAMA);
        }
        String families =
                Arrays.stream(ModelFamily.values()).map(ModelFamily::key).collect(Collectors.joining(", "));
        ModelFamily family = ModelFamily.of(type.get())
                .orElseThrow(() -> ValueChecks.wrong(
                        "model_type",
                        "one of " + families + ", " + MIXTURE_OF_RECURSIONS + ", which are the supported ones",
                        "\"" + type.get() + "\""
                                + (fields.keys().contains("text_config")
                                        ? "; a model that reads more than text is not supported, so take its text"
                                                + " model, which text_config describes"
                                        : "")));
        if (recursive) {
            throw ValueChecks.wrong(
                    "model_type", "\"" + MIXTURE_OF_RECURSIONS + "\" with a recursion block", "\"" + type.get() + "\"");
        }
        return family;
    }

    private static int headDim(int hiddenSize, int heads) {
        if (heads < 1 || hiddenSize % heads != 0) {
            throw new InputException("head_dim is missing, and hidden_size (" + hiddenSize
                    + ") is not divisible by num_attention_heads (" + heads + ")");
        }
        return hiddenSize / heads;
    }

    private static OptionalInt token(JsonFields fields, String key) {
        Optional<JsonNode> value = fields.value(key);
        if (value.isPresent() && value.get().isArray()) {
            throw ValueChecks.wrong(key, "one token, not a list", JsonFields.describe(value.get()));
        }
        return fields.optionalInt(key).map(OptionalInt::of).orElseGet(OptionalInt::empty);
    }

    /// The end-of-text tokens: a single token, or a list whose first token ends a document.
    private static List<Integer> endTokens(JsonFields fields) {
        Optional<JsonNode> value = fields.value("eos_token_id");
        if (value.isEmpty() || !value.get().isArray()) {
            return token(fields, "eos_token_id").stream().boxed().toList();
        }
        List<Integer> tokens = new ArrayList<>();
        value.get().forEach(entry -> {
            InputException.require(
                    entry.isInt(), "eos_token_id", "one token or a list of tokens", JsonFields.describe(value.get()));
            tokens.add(entry.intValue());
        });
        return tokens;
    }

    /// Reads the block; the result is empty if a required key is missing.
    private static Optional<Recursion> readRecursion(JsonFields fields) {
        fields.requireKnown(Set.of(
                "sharing", "num_recursions", ENTRY_LAYERS, EXIT_LAYERS, STEP_GATES, STEP_LORA, STEP_NORMS, INJECTION));
        Optional<ParameterSharing> sharing =
                fields.require("sharing", JsonEnum.read(fields, "sharing", ParameterSharing.values()));
        Optional<Integer> recursions = fields.require("num_recursions", fields.optionalInt("num_recursions"));
        Optional<Integer> entry = fields.optionalInt(ENTRY_LAYERS);
        Optional<Integer> exit = fields.optionalInt(EXIT_LAYERS);
        boolean stepGates = fields.optionalBoolean(STEP_GATES).orElse(false);
        Optional<StepLora> stepLora = fields.object(STEP_LORA).flatMap(ModelConfigJson::readStepLora);
        boolean stepNorms = fields.optionalBoolean(STEP_NORMS).orElse(false);
        boolean injection = fields.optionalBoolean(INJECTION).orElse(false);
        return sharing.flatMap(kind -> recursions.map(count -> new Recursion(
                kind,
                count,
                entry.orElse(kind.usualUnsharedLayers()),
                exit.orElse(kind.usualUnsharedLayers()),
                stepGates,
                stepLora,
                stepNorms,
                injection)));
    }

    private static Optional<StepLora> readStepLora(JsonFields fields) {
        fields.requireKnown(Set.of("rank", "alpha"));
        return fields.require("rank", fields.optionalInt("rank"))
                .map(rank -> new StepLora(rank, fields.optionalDouble("alpha").orElse((double) rank)));
    }

    static ObjectNode write(ModelConfig config) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ModelFamily family = config.architecture().family();
        ArrayNode architectures = json.putArray("architectures");
        // A Llama with a projected embedding names Saiki's own class, since no other tool supports it.
        boolean isPlain =
                config.isVanilla() && config.architecture().embeddingSize().isEmpty();
        architectures.add(isPlain ? family.huggingFaceClass() : "MixtureOfRecursionsForCausalLM");
        json.put("model_type", config.isVanilla() ? family.key() : MIXTURE_OF_RECURSIONS);
        if (!config.isVanilla() && family != ModelFamily.LLAMA) {
            json.put(BASE_MODEL_TYPE, family.key());
        }
        json.put("vocab_size", config.vocabSize());
        json.put("hidden_size", config.hiddenSize());
        json.put("intermediate_size", config.intermediateSize());
        json.put("num_hidden_layers", config.numHiddenLayers());
        json.put("num_attention_heads", config.numAttentionHeads());
        json.put("num_key_value_heads", config.numKeyValueHeads());
        json.put("head_dim", config.headDim());
        json.put(family.activationKey(), family.activation().value());
        json.put("max_position_embeddings", config.maxPositionEmbeddings());
        json.put(family.epsilonKey(), config.rmsNormEps());
        ArchitectureJson.write(config, json);
        json.put("tie_word_embeddings", config.tieWordEmbeddings());
        json.put("initializer_range", config.initializerRange());
        // Writes null, because other tools have their own defaults for an absent key.
        json.put("bos_token_id", boxed(config.bosTokenId()));
        if (config.eosTokenIds().size() <= 1) {
            json.put("eos_token_id", boxed(config.eosTokenId()));
        } else {
            config.eosTokenIds().forEach(json.putArray("eos_token_id")::add);
        }
        config.recursion().ifPresent(recursion -> {
            ObjectNode block = json.putObject("recursion");
            block.put("sharing", recursion.sharing().key());
            block.put("num_recursions", recursion.numRecursions());
            // Omits the default numbers of layers at the ends, so that readers that support only the defaults can
            // read the file.
            if (!recursion.hasUsualEnds()) {
                block.put(ENTRY_LAYERS, recursion.entryLayers());
                block.put(EXIT_LAYERS, recursion.exitLayers());
            }
            if (recursion.stepGates()) {
                block.put(STEP_GATES, true);
            }
            recursion
                    .stepLora()
                    .ifPresent(lora ->
                            block.putObject(STEP_LORA).put("rank", lora.rank()).put("alpha", lora.alpha()));
            if (recursion.stepNorms()) {
                block.put(STEP_NORMS, true);
            }
            if (recursion.injection()) {
                block.put(INJECTION, true);
            }
            RoutingJson.write(config.routing(), json.putObject("routing"), recursion.stepGates());
            json.put("kv_sharing", config.kvSharing().key());
        });
        return json;
    }

    private static @Nullable Integer boxed(OptionalInt token) {
        return token.isPresent() ? token.getAsInt() : null;
    }
}
