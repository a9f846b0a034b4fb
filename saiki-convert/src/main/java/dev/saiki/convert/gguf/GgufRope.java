package dev.saiki.convert.gguf;

import dev.saiki.checkpoint.config.RopeScaling;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.io.InputException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Rotary positions in a GGUF file and in a checkpoint's `config.json`.
///
/// Linear and YaRN scaling are metadata in both formats. Llama 3's scaling is a tensor of divisors in a GGUF file,
/// from which a checkpoint's settings are recovered. In a file that Saiki wrote, the settings are stored too. For
/// other files, the common settings are tried, also with the context lengths that the divisors imply.
final class GgufRope {

    /// The tensor of divisors, one for each pair of numbers in a head.
    private static final String DIVISORS = "rope_freqs.weight";

    /// The tensors of LongRoPE's divisors, with their keys in `rope_scaling`.
    private static final Map<String, String> LONG_ROPE_DIVISORS =
            Map.of("rope_factors_short.weight", "short_factor", "rope_factors_long.weight", "long_factor");

    /// The growth of Ministral 3's queries.
    static final String QUERY_GROWTH = "attention.temperature_scale";

    private static final String GROWTH_IN_CHECKPOINT = "llama_4_scaling_beta";

    private static final String OWN_SCALING = "saiki.rope_scaling";

    /// The original context lengths of common models with Llama 3's scaling.
    private static final List<Integer> USUAL_CONTEXTS = List.of(8192, 4096, 2048, 16384, 32768, 131_072);

    private static final double USUAL_LOW = 1;
    private static final double USUAL_HIGH = 4;
    private static final double MAX_DIFFERENCE = 1e-4;
    private static final double ROUNDING = 1e-6;
    private static final String SCALING = "rope.scaling.";
    private static final String FINETUNED = "rope.scaling.finetuned";
    private static final String ORIGINAL_CONTEXT = SCALING + "original_context_length";
    private static final String LONG_ROPE = "longrope";
    private static final String LINEAR = "linear";
    private static final String YARN = "yarn";
    private static final String EXTRAPOLATION = "yarn_ext_factor";
    private static final String ATTENTION = "yarn_attn_factor";
    private static final String ATTENTION_FACTOR = "attention_factor";
    private static final String LOG_WEIGHT = "yarn_log_multiplier";
    private static final String LOG_WEIGHT_IN_CHECKPOINT = "mscale_all_dim";
    private static final String FACTOR = "factor";
    private static final String LOW = "low_freq_factor";
    private static final String HIGH = "high_freq_factor";
    private static final String ORIGINAL = "original_max_position_embeddings";

    /// The architectures for which llama.cpp reads the divisors.
    private static final List<GgufArchitecture> USING_DIVISORS =
            List.of(GgufArchitecture.LLAMA, GgufArchitecture.EXAONE4, GgufArchitecture.GRANITE);

    private GgufRope() {}

    /// Whether a tensor contains divisors.
    static boolean areDivisors(String name, GgufArchitecture architecture) {
        return name.equals(DIVISORS) || (architecture == GgufArchitecture.PHI3 && LONG_ROPE_DIVISORS.containsKey(name));
    }

    /// Adds the block `rope_scaling` to a checkpoint's configuration if the file scales positions.
    ///
    /// @param rotated the number of rotated elements in each head
    static void read(GgufFile file, String prefix, int rotated, ObjectNode config) {
        GgufMetadata metadata = file.metadata();
        // llama.cpp uses this default if a file names no type.
        String type = metadata.text(prefix + "rope.scaling.type").orElse(LINEAR);
        if (prefix.equals(GgufArchitecture.GRANITE.key() + ".")
                && !metadata.flag(prefix + FINETUNED).orElse(true)) {
            throw metadata.wrong(
                    prefix + FINETUNED, "true or absent: without it llama.cpp omits positions in this family", false);
        }
        if (file.tensors().keySet().stream().anyMatch(LONG_ROPE_DIVISORS::containsKey)) {
            requireNumber(metadata, prefix + SCALING + FACTOR, 1);
            refuseExtrapolation(metadata, prefix + SCALING);
            readLongRope(file, prefix, rotated, config);
            return;
        }
        Optional<StoredTensor> divisors = Optional.ofNullable(file.tensors().get(DIVISORS));
        switch (type) {
            case "none" -> refuseYarn(metadata, prefix + SCALING);
            case LINEAR -> readLinear(metadata, prefix, config);
            case YARN -> {
                if (config.has("rope_local_base_freq")) {
                    throw metadata.wrong(
                            prefix + "rope.scaling.type",
                            "none or linear if layers with a window have their own positions",
                            "'" + type + "'");
                }
                readYarn(metadata, prefix + SCALING, config);
                metadata.real(prefix + QUERY_GROWTH)
                        .ifPresent(growth -> config.withObject("/rope_scaling").put(GROWTH_IN_CHECKPOINT, growth));
            }
            default -> throw metadata.wrong(prefix + "rope.scaling.type", "none, linear or yarn", "'" + type + "'");
        }
        if (divisors.isPresent()) {
            if (config.has("rope_scaling")) {
                throw metadata.wrong(prefix + "rope.scaling.type", "none with a tensor " + DIVISORS, "'" + type + "'");
            }
            config.set("rope_scaling", llama3(file, rotated, config));
        }
    }

    /// Older files store the factor under another key. Positions are not scaled if the factor is absent or 0.
    private static void readLinear(GgufMetadata metadata, String prefix, ObjectNode config) {
        refuseYarn(metadata, prefix + SCALING);
        double factor = metadata.real(prefix + SCALING + FACTOR)
                .or(() -> metadata.real(prefix + "rope.scale_linear"))
                .orElse(0.0);
        if (factor != 0 && (factor != 1 || metadata.has(prefix + "rope.scaling.type"))) {
            config.putObject("rope_scaling").put("rope_type", LINEAR).put(FACTOR, factor);
        }
    }

    /// Refuses YaRN's settings in a file of another scaling type, because llama.cpp applies them to every type.
    private static void refuseYarn(GgufMetadata metadata, String prefix) {
        requireNumber(metadata, prefix + "attn_factor", 1);
        requireNumber(metadata, prefix + ATTENTION, 1);
        refuseExtrapolation(metadata, prefix);
    }

    private static void refuseExtrapolation(GgufMetadata metadata, String prefix) {
        // A negative value selects the type's default, which is 0 here.
        metadata.real(prefix + EXTRAPOLATION)
                .filter(factor -> factor > 0)
                .ifPresent(factor -> requireNumber(metadata, prefix + EXTRAPOLATION, 0));
    }

    private static void readLongRope(GgufFile file, String prefix, int rotated, ObjectNode config) {
        GgufMetadata metadata = file.metadata();
        int context = config.path("max_position_embeddings").intValue();
        int original = metadata.whole(prefix + ORIGINAL_CONTEXT).orElse(context);
        ObjectNode block = config.putObject("rope_scaling").put("type", LONG_ROPE);
        block.put(ORIGINAL, original);
        LONG_ROPE_DIVISORS.forEach((name, key) -> {
            ArrayNode list = block.putArray(key);
            for (float divisor : floats(file, name, rotated / 2)) {
                // The shortest decimal that stands for the float32, as in the file from which it was rounded.
                list.add(Double.parseDouble(Float.toString(divisor)));
            }
        });
        double factor = metadata.real(prefix + SCALING + "attn_factor").orElse(1.0);
        double usual = RopeScaling.LongRope.magnitude((double) context / original, original);
        if (Math.abs(factor - usual) > ROUNDING * usual) {
            block.put(ATTENTION_FACTOR, factor);
        }
    }

    private static float[] floats(GgufFile file, String name, int count) {
        return Optional.ofNullable(file.tensors().get(name))
                .filter(tensor -> tensor.type() == StoredType.F32 && tensor.elementCount() == count && count > 0)
                .orElseThrow(() -> InputException.of(
                        file.metadata().where(),
                        "tensor " + name,
                        count + " numbers of F32",
                        Optional.ofNullable(file.tensors().get(name))
                                .map(tensor -> tensor.type() + " " + tensor.shape())
                                .orElse("none")))
                .toFloats();
    }

    private static void requireNumber(GgufMetadata metadata, String key, double only) {
        metadata.real(key).filter(value -> value != only).ifPresent(value -> {
            throw metadata.wrong(key, only + " without YaRN", value);
        });
    }

    private static void readYarn(GgufMetadata metadata, String prefix, ObjectNode config) {
        double factor = metadata.real(prefix + FACTOR).orElse(1.0);
        double extrapolation = metadata.real(prefix + EXTRAPOLATION).orElse(1.0);
        if (extrapolation != 1 && extrapolation >= 0) {
            throw metadata.wrong(prefix + EXTRAPOLATION, "1, the only supported value", extrapolation);
        }
        // llama.cpp overwrites this value, in which its converter stores Hugging Face's attention_factor.
        metadata.real(prefix + ATTENTION)
                .filter(value -> value != 1 && Math.abs(value - magnitude(factor)) > MAX_DIFFERENCE)
                .ifPresent(value -> {
                    throw metadata.wrong(
                            prefix + ATTENTION, "absent: llama.cpp and Hugging Face interpret it differently", value);
                });
        double multiplier = metadata.real(prefix + LOG_WEIGHT).orElse(0.0);
        if (multiplier != 0 && !readsBetas(prefix)) {
            throw metadata.wrong(prefix + LOG_WEIGHT, "absent", multiplier);
        }
        ObjectNode block =
                config.putObject("rope_scaling").put("rope_type", YARN).put(FACTOR, factor);
        block.put(
                ORIGINAL,
                metadata.whole(prefix + "original_context_length")
                        .orElseGet(() -> config.path("max_position_embeddings").intValue()));
        metadata.real(prefix + "yarn_beta_fast").ifPresent(beta -> block.put("beta_fast", beta));
        metadata.real(prefix + "yarn_beta_slow").ifPresent(beta -> block.put("beta_slow", beta));
        double magnitude = magnitude(factor);
        double usual = magnitude / (multiplier * (magnitude - 1) + 1);
        double product = metadata.real(prefix + "attn_factor").orElse(1.0) * usual;
        if (product != magnitude) {
            block.put(ATTENTION_FACTOR, exact(metadata, product));
        }
    }

    /// Whether llama.cpp reads the betas and the logarithm's weight of an architecture, rather than use its own.
    private static boolean readsBetas(String prefix) {
        return prefix.startsWith(GgufArchitecture.MISTRAL3.key() + ".");
    }

    /// Returns the exact attention factor that Saiki stored in the file, if it agrees with the product of the
    /// file's rounded factors; otherwise that product.
    private static double exact(GgufMetadata metadata, double product) {
        return own(metadata)
                .map(block -> block.path(ATTENTION_FACTOR).doubleValue(product))
                .filter(written -> Math.abs(written - product) <= ROUNDING * Math.abs(product))
                .orElse(product);
    }

    /// The factor by which llama.cpp multiplies rotated queries and keys, before it applies the file's own factor.
    private static double magnitude(double factor) {
        return factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1;
    }

    private static JsonNode llama3(GgufFile file, int rotated, ObjectNode config) {
        GgufMetadata metadata = file.metadata();
        float[] divisors = floats(file, DIVISORS, rotated / 2);
        double theta = config.path("rope_theta").doubleValue();
        return candidates(metadata, divisors, theta)
                .filter(block -> fits(divisors, divisors(block, rotated, theta)))
                .findFirst()
                .orElseThrow(() -> new InputException(metadata.where() + ": " + DIVISORS
                        + " contains divisors that no common setting of Llama 3's scaling produces; import the model"
                        + " from its Hugging Face folder, whose config.json has the settings"));
    }

    private static Stream<JsonNode> candidates(GgufMetadata metadata, float[] divisors, double theta) {
        double factor = divisors[divisors.length - 1];
        Stream<JsonNode> usual = Stream.concat(USUAL_CONTEXTS.stream(), likelyContexts(divisors, theta))
                .map(context -> JsonMapper.shared()
                        .createObjectNode()
                        .put("rope_type", "llama3")
                        .put(FACTOR, factor)
                        .put(LOW, USUAL_LOW)
                        .put(HIGH, USUAL_HIGH)
                        .put(ORIGINAL, context));
        return Stream.concat(own(metadata).stream(), usual);
    }

    /// The context lengths that follow from divisors above 1 and below the factor, if the other settings have
    /// their common values.
    private static Stream<Integer> likelyContexts(float[] divisors, double theta) {
        double factor = divisors[divisors.length - 1];
        return IntStream.range(0, divisors.length)
                .filter(pair -> divisors[pair] > 1.01 && divisors[pair] < 0.99 * factor)
                .mapToObj(pair -> {
                    double share = (1 / divisors[pair] - 1 / factor) / (1 - 1 / factor);
                    double turns = USUAL_LOW + share * (USUAL_HIGH - USUAL_LOW);
                    return (int) Math.rint(turns * 2 * Math.PI * Math.pow(theta, (double) pair / divisors.length));
                });
    }

    private static Optional<JsonNode> own(GgufMetadata metadata) {
        try {
            return metadata.text(OWN_SCALING).map(JsonMapper.shared()::readTree).filter(JsonNode::isObject);
        } catch (JacksonException e) {
            throw new InputException(metadata.where() + ": " + OWN_SCALING + " is not JSON", e);
        }
    }

    private static boolean fits(float[] given, double[] computed) {
        return IntStream.range(0, given.length)
                .allMatch(i -> Math.abs(given[i] - computed[i]) <= MAX_DIFFERENCE * computed[i]);
    }

    /// Computes the divisor of each pair's frequency under Llama 3's scaling.
    static double[] divisors(JsonNode block, int headDim, double theta) {
        double factor = block.path(FACTOR).doubleValue(1);
        double low = block.path(LOW).doubleValue(USUAL_LOW);
        double high = block.path(HIGH).doubleValue(USUAL_HIGH);
        double original = block.path(ORIGINAL).doubleValue(8192);
        double[] divisors = new double[headDim / 2];
        for (int i = 0; i < divisors.length; i++) {
            double turns = original * Math.pow(theta, -2.0 * i / headDim) / (2 * Math.PI);
            double share = Math.clamp((turns - low) / (high - low), 0, 1);
            divisors[i] = 1 / ((1 - share) / factor + share);
        }
        return divisors;
    }

    /// Writes a checkpoint's position scaling.
    ///
    /// @param rotated the number of rotated elements in each head
    /// @return the divisors that the scaling requires, by the name of the tensor
    static Map<String, double[]> write(JsonNode config, GgufArchitecture architecture, int rotated, GgufWriter writer) {
        JsonNode block = config.path(config.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
        String prefix = architecture.key() + "." + SCALING;
        String type = block.path("rope_type").stringValue(block.path("type").stringValue("default"));
        switch (type) {
            case "default" -> {}
            case LINEAR ->
                writer.put(prefix + "type", LINEAR)
                        .put(prefix + FACTOR, block.path(FACTOR).doubleValue());
            case YARN -> {
                if (architecture == GgufArchitecture.GEMMA3) {
                    throw new InputException("rope_scaling yarn cannot be written to GGUF for a model of type "
                            + config.path("model_type").stringValue()
                            + ": llama.cpp scales the positions of layers with a window too");
                }
                writeYarn(block, prefix, writer);
                if (block.has(GROWTH_IN_CHECKPOINT)) {
                    double growth = block.path(GROWTH_IN_CHECKPOINT).doubleValue();
                    writer.put(architecture.key() + "." + QUERY_GROWTH, growth);
                }
            }
            case "llama3" -> {
                if (!USING_DIVISORS.contains(architecture)) {
                    throw new InputException("rope_scaling llama3 cannot be written to GGUF for a model of type "
                            + config.path("model_type").stringValue() + ": llama.cpp supports it for "
                            + USING_DIVISORS.stream().map(GgufArchitecture::key).collect(Collectors.joining(" and "))
                            + " only");
                }
                writer.put(OWN_SCALING, block.toString());
                return Map.of(
                        DIVISORS,
                        divisors(block, rotated, config.path("rope_theta").doubleValue()));
            }
            case LONG_ROPE -> {
                return writeLongRope(config, architecture, writer);
            }
            default -> throw new InputException("rope_scaling " + type + " cannot be written to GGUF");
        }
        return Map.of();
    }

    private static Map<String, double[]> writeLongRope(
            JsonNode config, GgufArchitecture architecture, GgufWriter writer) {
        if (architecture != GgufArchitecture.PHI3) {
            throw new InputException("rope_scaling longrope cannot be written to GGUF for a model of type "
                    + config.path("model_type").stringValue());
        }
        JsonNode block = config.path("rope_scaling");
        int original = config.path(ORIGINAL).intValue();
        double factor = block.path(FACTOR)
                .doubleValue(config.path("max_position_embeddings").doubleValue() / original);
        String prefix = architecture.key() + ".";
        writer.put(prefix + ORIGINAL_CONTEXT, original)
                .put(
                        prefix + SCALING + "attn_factor",
                        block.path(ATTENTION_FACTOR).doubleValue(RopeScaling.LongRope.magnitude(factor, original)));
        return LONG_ROPE_DIVISORS.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> block.path(entry.getValue()).values().stream()
                                .mapToDouble(JsonNode::doubleValue)
                                .toArray()));
    }

    private static void writeYarn(JsonNode block, String prefix, GgufWriter writer) {
        if (!block.path("truncate").booleanValue(true)) {
            throw new InputException("rope_scaling yarn with truncate false cannot be written to GGUF");
        }
        if (!readsBetas(prefix)) {
            requireBeta(block, "beta_fast", RopeScaling.Yarn.BETA_FAST);
            requireBeta(block, "beta_slow", RopeScaling.Yarn.BETA_SLOW);
        }
        double factor = block.path(FACTOR).doubleValue();
        writer.put(prefix + "type", YARN)
                .put(prefix + FACTOR, factor)
                .put(prefix + "original_context_length", block.path(ORIGINAL).intValue())
                .put(prefix + "yarn_beta_fast", block.path("beta_fast").doubleValue(RopeScaling.Yarn.BETA_FAST))
                .put(prefix + "yarn_beta_slow", block.path("beta_slow").doubleValue(RopeScaling.Yarn.BETA_SLOW));
        if (block.path(ATTENTION_FACTOR).isNumber()) {
            writer.put(OWN_SCALING, block.toString())
                    .put(prefix + "attn_factor", block.path(ATTENTION_FACTOR).doubleValue() / magnitude(factor));
        }
        if (block.has(LOG_WEIGHT_IN_CHECKPOINT)) {
            writer.put(prefix + LOG_WEIGHT, block.path(LOG_WEIGHT_IN_CHECKPOINT).doubleValue());
        }
    }

    private static void requireBeta(JsonNode block, String key, double computed) {
        double value = block.path(key).doubleValue(computed);
        if (value != computed) {
            throw new InputException("rope_scaling yarn with " + key + " " + value
                    + " cannot be written to GGUF: llama.cpp computes every model with " + computed);
        }
    }

    /// The keys that this class reads.
    static List<String> keys() {
        return List.of(
                "rope.scaling.type",
                "rope.scaling.factor",
                "rope.scale_linear",
                FINETUNED,
                "rope.scaling.original_context_length",
                "rope.scaling.attn_factor",
                "rope.scaling.yarn_ext_factor",
                "rope.scaling.yarn_attn_factor",
                "rope.scaling.yarn_beta_fast",
                "rope.scaling.yarn_beta_slow",
                SCALING + LOG_WEIGHT);
    }
}
