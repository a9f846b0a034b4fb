package dev.saiki.checkpoint.adapter;

import dev.saiki.checkpoint.json.JsonFields;
import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The `adapter_config.json` of Hugging Face's library PEFT. Only rank and alpha are read; the tensors show which
/// maps have updates. The reader refuses adapters that compute something else, or that change the base when PEFT
/// loads them (`init_lora_weights` olora, pissa, corda or loftq), and names the key.
final class PeftJson {

    private static final String KIND = "LORA";

    /// Keys that select another computation, and the values at which they have no effect.
    private static final Map<String, List<String>> ONLY = Map.ofEntries(
            Map.entry("bias", List.of("none")),
            Map.entry("use_rslora", List.of("false")),
            Map.entry("use_dora", List.of("false")),
            Map.entry("use_qalora", List.of("false")),
            Map.entry("lora_bias", List.of("false")),
            Map.entry("fan_in_fan_out", List.of("false")),
            Map.entry("rank_pattern", List.of("{}")),
            Map.entry("alpha_pattern", List.of("{}")),
            Map.entry("modules_to_save", List.of("[]")),
            Map.entry("layer_replication", List.of("[]")),
            Map.entry("alora_invocation_tokens", List.of("[]")),
            Map.entry("arrow_config", List.of("{}")),
            Map.entry("trainable_token_indices", List.of("[]", "{}")),
            Map.entry("target_parameters", List.of("[]")),
            Map.entry("init_lora_weights", List.of("true", "false", "gaussian", "eva", "orthogonal")));

    private PeftJson() {}

    /// The scale of an adapter.
    record Strength(int rank, double alpha) {}

    /// Reads rank and alpha.
    ///
    /// @throws InputException naming a key that is missing, malformed, or selects another computation
    static Strength read(JsonNode json) {
        JsonFields fields = JsonFields.of(json);
        String kind = fields.requireString("peft_type");
        InputException.require(kind.equals(KIND), "peft_type", KIND, kind);
        ONLY.forEach((key, allowed) -> {
            JsonNode value = json.path(key);
            String text = value.isString() ? value.stringValue() : value.toString();
            if (!value.isMissingNode() && !value.isNull() && !allowed.contains(text)) {
                throw ValueChecks.wrong(key, String.join(" or ", allowed) + ", or absent", text);
            }
        });
        double alpha = fields.optionalDouble("lora_alpha").orElseThrow(() -> fields.missing("lora_alpha"));
        return new Strength(fields.requireInt("r"), alpha);
    }

    /// Writes the configuration for PEFT.
    ///
    /// @param base the path or name of the model
    static ObjectNode write(AdapterConfig adapter, String base) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("base_model_name_or_path", base);
        json.put("bias", "none");
        json.put("fan_in_fan_out", false);
        json.put("inference_mode", true);
        json.put("init_lora_weights", true);
        json.putNull("layers_pattern");
        json.putNull("layers_to_transform");
        if (adapter.alpha() == Math.rint(adapter.alpha()) && adapter.alpha() < Integer.MAX_VALUE) {
            json.put("lora_alpha", (int) adapter.alpha());
        } else {
            json.put("lora_alpha", adapter.alpha());
        }
        json.put("lora_dropout", 0.0);
        json.putNull("modules_to_save");
        json.put("peft_type", KIND);
        json.put("r", adapter.rank());
        json.putNull("revision");
        // Writes full names, because a short name would select the maps of all layers.
        ArrayNode targets = json.putArray("target_modules");
        adapter.maps().forEach(targets::add);
        json.put("task_type", "CAUSAL_LM");
        return json;
    }
}
