package dev.saiki.server.protocol;

import dev.saiki.http.ApiException;
import dev.saiki.http.RequestBody;
import dev.saiki.io.Resources;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/// Fields of OpenAI's, vLLM's, llama.cpp's and Hugging Face's servers that would change an answer but are not
/// supported, and so are refused instead of ignored. A value without an effect is accepted, since some clients
/// send it by default. Fields that only tune another field, such as `mirostat_tau` for `mirostat`, are not listed:
/// without the other field, they have no effect.
final class UnsupportedFields {

    /// The file of fields that are refused unless they are false, 0 or empty. Special tokens are written out like any
    /// others, so skipping them would change the answer.
    private static final String SWITCHES = "unsupported-fields.txt";

    /// Fields refused unless they are 1.
    private static final List<String> FACTORS =
            List.of("typical_p", "repeat_penalty", "length_penalty", "tfs_z", "num_beams", "num_return_sequences");

    /// Fields refused unless they are true.
    private static final List<String> ALWAYS_ON = List.of("add_generation_prompt", "do_sample");

    /// Fields refused with any value, because even 0 or an empty list would have an effect.
    private static final List<String> ALL_VALUES = List.of(
            "allowed_token_ids", "prompt_logprobs", "repeat_last_n", "n_predict", "max_new_tokens", "min_new_tokens");

    private static final Set<String> DEFAULT_CALLS = Set.of("none", "auto");

    private static final Map<String, Predicate<JsonNode>> CHANGES = changes();

    private UnsupportedFields() {}

    private static Map<String, Predicate<JsonNode>> changes() {
        Map<String, Predicate<JsonNode>> changes = new HashMap<>();
        Resources.text(UnsupportedFields.class.getResourceAsStream(SWITCHES), SWITCHES)
                .lines()
                .forEach(field -> changes.put(field, UnsupportedFields::asksForSomething));
        FACTORS.forEach(field -> changes.put(field, value -> !value.isNumber() || value.doubleValue() != 1));
        ALWAYS_ON.forEach(field -> changes.put(field, value -> !value.isBoolean() || !value.booleanValue()));
        changes.put("top_n_sigma", value -> !value.isNumber() || value.doubleValue() > 0);
        ALL_VALUES.forEach(field -> changes.put(field, _ -> true));
        changes.put("function_call", value -> !DEFAULT_CALLS.contains(value.stringValue("")));
        return changes;
    }

    private static boolean asksForSomething(JsonNode value) {
        boolean nothing = (value.isBoolean() && !value.booleanValue())
                || (value.isNumber() && value.doubleValue() == 0)
                || (value.isString() && value.stringValue().isEmpty())
                || (value.isContainer() && value.isEmpty());
        return !nothing;
    }

    /// Refuses a request in which an unsupported field would have an effect.
    ///
    /// @param more further fields, refused unless they are false, 0 or empty
    /// @param except the fields that this request may use nevertheless
    /// @throws ApiException with status 400, naming the field
    public static void refuse(RequestBody body, List<String> more, Set<String> except) {
        for (String field : body.names()) {
            Predicate<JsonNode> changes = more.contains(field)
                    ? UnsupportedFields::asksForSomething
                    : CHANGES.getOrDefault(field, _ -> false);
            if (!except.contains(field) && body.value(field).filter(changes).isPresent()) {
                throw ApiException.unsupported(field + " is not supported by this server", field);
            }
        }
    }
}
