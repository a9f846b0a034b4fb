package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.JsonFields;
import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
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

    /// The width of a head that stands for one that is not there.
    private static final int SMALLEST_HEAD = 2;

    private static final String LLAMA = "llama";
    private static final String MIXTURE_OF_RECURSIONS = "mixture_of_recursions";

    private static final Set<String> OWN_KEYS = Set.of(
            "model_type",
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

    /// Keys of Hugging Face's Llama that do not change what the weights compute, at whatever value.
    private static final Set<String> IGNORED_KEYS = Set.of(
            "architectures",
            "_name_or_path",
            "_attn_implementation",
            "attn_implementation",
            "dtype",
            "torch_dtype",
            "transformers_version",
            "transformers.js_config",
            "is_llama_config",
            "pad_token_id",
            "pretraining_tp",
            "use_cache",
            "unsloth_version",
            "unsloth_fixed");

    /// Keys of Hugging Face's Llama that do, and are accepted at the one value that is built here.
    private static final Set<String> FIXED_KEYS = Set.of(
            "hidden_act",
            "attention_bias",
            "mlp_bias",
            "attention_dropout",
            "rope_scaling",
            "rope_parameters",
            "rope_interleaved");

    private static final Set<String> ALL_KEYS =
            Stream.of(OWN_KEYS, IGNORED_KEYS, FIXED_KEYS).flatMap(Set::stream).collect(Collectors.toUnmodifiableSet());

    private ModelConfigJson() {}

    /// Reads a configuration; all that is wrong with it is reported at once.
    static ModelConfig read(JsonNode json) {
        Problems problems = new Problems();
        JsonFields fields = JsonFields.gathering(json, problems);
        fields.requireKnown(ALL_KEYS);
        problems.check(() -> requireModelType(fields), () -> requireFixed(fields));
        Optional<ModelConfig> config = problems.attempt(() -> readFields(fields, problems));
        problems.throwIfAny();
        return config.orElseThrow();
    }

    /// What is missing or of the wrong type has been reported. A value that is certainly in its range stands for it, so
    /// that the ranges of the others are checked.
    private static ModelConfig readFields(JsonFields fields, Problems problems) {
        Blocks blocks = blocks(fields, problems);
        int heads = fields.requireInt(
                "num_attention_heads", fields.optionalInt("num_key_value_heads").orElse(1));
        int hiddenSize = fields.requireInt("hidden_size", Math.max(1, heads) * SMALLEST_HEAD);
        return new ModelConfig(
                hiddenSize,
                fields.requireInt("intermediate_size", 1),
                fields.requireInt("num_hidden_layers", layers(blocks.recursion())),
                heads,
                fields.optionalInt("num_key_value_heads").orElse(heads),
                fields.optionalInt("head_dim").orElseGet(() -> headDim(hiddenSize, heads)),
                fields.requireInt("vocab_size", ModelConfig.MAX_VOCABULARY),
                fields.optionalInt("max_position_embeddings").orElse(2048),
                fields.optionalDouble("rms_norm_eps").orElse(1e-6),
                ropeTheta(fields),
                fields.optionalBoolean("tie_word_embeddings").orElse(false),
                fields.optionalDouble("initializer_range").orElse(0.02),
                token(fields, "bos_token_id"),
                token(fields, "eos_token_id"),
                blocks.recursion(),
                blocks.routing(),
                blocks.kvSharing());
    }

    /// The blocks of a configuration that are about recursion.
    private record Blocks(Optional<Recursion> recursion, Routing routing, KeyValueSharing kvSharing) {
        static final Blocks VANILLA = new Blocks(Optional.empty(), new Routing.None(), KeyValueSharing.NONE);
    }

    /// Where one of the blocks cannot be used, those of a vanilla model stand for all of them.
    private static Blocks blocks(JsonFields fields, Problems problems) {
        int before = problems.size();
        Optional<Recursion> recursion = fields.object("recursion")
                .flatMap(block -> problems.attempt(() -> readRecursion(block)).flatMap(read -> read));
        int numRecursions = recursion.map(Recursion::numRecursions).orElse(1);
        Optional<Routing> routing = fields.object("routing")
                .flatMap(block -> problems.attempt(() -> RoutingJson.read(block, numRecursions))
                        .flatMap(read -> read));
        Optional<KeyValueSharing> kvSharing = fields.optionalChoice("kv_sharing", KeyValueSharing::fromKey);
        return problems.size() > before
                ? Blocks.VANILLA
                : new Blocks(recursion, routing.orElseGet(Routing.None::new), kvSharing.orElse(KeyValueSharing.NONE));
    }

    /// A number of layers that goes with a recursion.
    private static int layers(Optional<Recursion> recursion) {
        return recursion
                .map(block ->
                        LayerDropping.fittingLayers(block.sharing(), ModelConfig.MAX_LAYERS, block.numRecursions()))
                .orElse(1);
    }

    /// A file without a model type is taken for what its blocks say.
    private static void requireModelType(JsonFields fields) {
        Optional<String> type = fields.optionalString("model_type");
        if (type.isEmpty()) {
            return;
        }
        switch (type.get()) {
            case LLAMA -> {
                if (fields.value("recursion").isPresent()) {
                    throw ValueChecks.wrong(
                            "model_type", "\"" + MIXTURE_OF_RECURSIONS + "\" with a recursion block", "\"llama\"");
                }
            }
            case MIXTURE_OF_RECURSIONS -> {
                if (fields.value("recursion").isEmpty()) {
                    throw fields.missing("recursion");
                }
            }
            default ->
                throw ValueChecks.wrong("model_type", LLAMA + " or " + MIXTURE_OF_RECURSIONS, "\"" + type.get() + "\"");
        }
    }

    private static void requireFixed(JsonFields fields) {
        fields.optionalString("hidden_act").ifPresent(act -> {
            if (!act.equals("silu") && !act.equals("swish")) {
                fields.complain(ValueChecks.wrong("hidden_act", "\"silu\", the only one built", "\"" + act + "\""));
            }
        });
        for (String key : List.of("attention_bias", "mlp_bias", "rope_interleaved")) {
            if (fields.optionalBoolean(key).orElse(false)) {
                fields.complain(ValueChecks.wrong(key, "false, the only one built", "true"));
            }
        }
        double dropout = fields.optionalDouble("attention_dropout").orElse(0.0);
        if (dropout != 0) {
            fields.complain(ValueChecks.wrong("attention_dropout", "0, the only one built", dropout));
        }
        fields.object("rope_scaling").ifPresent(ModelConfigJson::requireDefaultRope);
        fields.object("rope_parameters").ifPresent(ModelConfigJson::requireDefaultRope);
    }

    private static void requireDefaultRope(JsonFields rope) {
        String key = rope.value("rope_type").isPresent() ? "rope_type" : "type";
        String type = rope.optionalString(key).orElse("default");
        if (!type.equals("default")) {
            rope.complain(ValueChecks.wrong(rope.path(key), "\"default\", the only one built", "\"" + type + "\""));
        }
        rope.requireKnown(Set.of("rope_type", "type", "rope_theta"));
    }

    /// Newer files keep the base inside `rope_parameters`.
    private static double ropeTheta(JsonFields fields) {
        return fields.optionalDouble("rope_theta")
                .or(() -> fields.object("rope_parameters").flatMap(rope -> rope.optionalDouble("rope_theta")))
                .orElse(10_000.0);
    }

    private static int headDim(int hiddenSize, int heads) {
        if (heads < 1 || hiddenSize % heads != 0) {
            throw new InputException("head_dim is missing, and hidden_size (" + hiddenSize
                    + ") does not divide by num_attention_heads (" + heads + ")");
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

    /// Reads the block, unless something in it was reported.
    private static Optional<Recursion> readRecursion(JsonFields fields) {
        fields.requireKnown(Set.of("sharing", "num_recursions"));
        Optional<ParameterSharing> sharing =
                fields.require("sharing", fields.optionalChoice("sharing", ParameterSharing::fromKey));
        Optional<Integer> recursions = fields.require("num_recursions", fields.optionalInt("num_recursions"));
        return sharing.flatMap(kind -> recursions.map(count -> new Recursion(kind, count)));
    }

    static ObjectNode write(ModelConfig config) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode architectures = json.putArray("architectures");
        architectures.add(config.isVanilla() ? "LlamaForCausalLM" : "MixtureOfRecursionsForCausalLM");
        json.put("model_type", config.isVanilla() ? LLAMA : MIXTURE_OF_RECURSIONS);
        json.put("vocab_size", config.vocabSize());
        json.put("hidden_size", config.hiddenSize());
        json.put("intermediate_size", config.intermediateSize());
        json.put("num_hidden_layers", config.numHiddenLayers());
        json.put("num_attention_heads", config.numAttentionHeads());
        json.put("num_key_value_heads", config.numKeyValueHeads());
        json.put("head_dim", config.headDim());
        json.put("hidden_act", "silu");
        json.put("attention_bias", false);
        json.put("mlp_bias", false);
        json.put("max_position_embeddings", config.maxPositionEmbeddings());
        json.put("rms_norm_eps", config.rmsNormEps());
        json.put("rope_theta", config.ropeTheta());
        json.put("tie_word_embeddings", config.tieWordEmbeddings());
        json.put("initializer_range", config.initializerRange());
        // Null, not absent: other tools have defaults of their own for an absent one.
        json.put("bos_token_id", boxed(config.bosTokenId()));
        json.put("eos_token_id", boxed(config.eosTokenId()));
        config.recursion().ifPresent(recursion -> {
            ObjectNode block = json.putObject("recursion");
            block.put("sharing", recursion.sharing().key());
            block.put("num_recursions", recursion.numRecursions());
            RoutingJson.write(config.routing(), json.putObject("routing"));
            json.put("kv_sharing", config.kvSharing().key());
        });
        return json;
    }

    private static @Nullable Integer boxed(OptionalInt token) {
        return token.isPresent() ? token.getAsInt() : null;
    }
}
