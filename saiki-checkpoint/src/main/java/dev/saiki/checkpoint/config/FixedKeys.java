package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.JsonFields;
import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;
import dev.saiki.io.Resources;
import dev.saiki.io.Suggestions;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The keys of Hugging Face's configurations that are ignored, and the keys for which only one value is
/// accepted.
///
/// A key in neither list could change what a model computes, so it is refused, not ignored.
final class FixedKeys {

    /// Ignored keys, which do not change the computation: names, formats, padding tokens, and generation and
    /// output settings of older files.
    static final Set<String> HARMLESS = harmless("harmless-keys.txt");

    /// Keys that change the computation and must be off. Keys of biases and windows are not among them, because
    /// {@link ArchitectureJson} reads them.
    private static final List<String> OFF = List.of(
            "rope_interleaved",
            "use_mrope",
            "is_encoder_decoder",
            "add_cross_attention",
            "use_qk_norm",
            "lm_head_bias",
            "use_bidirectional_attention");

    /// Keys that select unsupported arithmetic and must be null.
    private static final List<String> ABSENT = List.of("clip_qkv", "pruned_heads");

    static final Set<String> CHECKED = Stream.of(
                    OFF,
                    ABSENT,
                    List.of("hidden_act", "hidden_activation", "auto_map", RopeJson.SHARE, "quantization_config"))
            .flatMap(List::stream)
            .collect(Collectors.toUnmodifiableSet());

    private FixedKeys() {}

    private static Set<String> harmless(String file) {
        return Resources.text(FixedKeys.class.getResourceAsStream(file), file)
                .lines()
                .collect(Collectors.toUnmodifiableSet());
    }

    /// Reports every unknown key, and every key with an unsupported value.
    static void check(JsonFields fields, Set<String> known, ModelFamily family) {
        Set<String> usable = new TreeSet<>(known);
        usable.removeAll(ArchitectureJson.keysOfOthers(family));
        for (String key : fields.keys()) {
            if (!known.contains(key)) {
                fields.complain(new InputException(key + " is not a known key" + Suggestions.didYouMean(key, usable)
                        + "; the key could change what the model computes. If it does not, remove the"
                        + " key from the file"));
            }
        }
        Activation activation = family.activation();
        fields.optionalString(family.activationKey()).ifPresent(act -> {
            boolean isSwish = activation == Activation.SILU && act.equals("swish");
            if (!act.equals(activation.value()) && !isSwish) {
                fields.complain(ValueChecks.wrong(
                        family.activationKey(),
                        "\"" + activation.value() + "\", the only supported one with model_type " + family.key(),
                        "\"" + act + "\""));
            }
        });
        OFF.forEach(key -> {
            if (fields.optionalBoolean(key).orElse(false)) {
                fields.complain(ValueChecks.wrong(key, "false, the only supported value", "true"));
            }
        });
        ABSENT.forEach(key -> fields.value(key)
                .filter(value -> !value.isEmpty() || !value.isContainer())
                .ifPresent(value -> fields.complain(
                        ValueChecks.wrong(key, "absent or null: it is not supported", JsonFields.describe(value)))));
        checkCode(fields, family);
        if (fields.value("quantization_config").isPresent()) {
            fields.complain(new InputException("quantization_config must be absent: only saiki import reads models"
                    + " quantized by GPTQ, AWQ or FP8, and converts them"));
        }
    }

    /// Requires that custom code, which published models may name, defines the family's own class.
    private static void checkCode(JsonFields fields, ModelFamily family) {
        fields.object("auto_map")
                .flatMap(map -> map.optionalString("AutoModelForCausalLM"))
                .filter(name -> !name.endsWith("." + family.huggingFaceClass()))
                .ifPresent(name -> fields.complain(ValueChecks.wrong(
                        "auto_map.AutoModelForCausalLM",
                        "absent or " + family.huggingFaceClass() + ": other code could compute something else",
                        "\"" + name + "\"")));
    }
}
