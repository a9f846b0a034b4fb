package dev.saiki.convert.quantized;

import dev.saiki.io.InputException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The keys of a `quantization_config`.
///
/// @param where the model's folder, for messages
/// @param config the object
record QuantizationKeys(String where, JsonNode config) {

    private static final int LONGEST_VALUE = 60;

    /// Reads a word in lower case.
    Optional<String> word(String key) {
        return Optional.of(config.path(key))
                .filter(JsonNode::isString)
                .map(value -> value.stringValue().toLowerCase(Locale.ROOT));
    }

    /// Reads a word that may be missing but must not have other values.
    Optional<String> choice(String key, List<String> allowed) {
        Optional<String> word = word(key);
        require(
                config.path(key).isMissingNode()
                        || config.path(key).isNull()
                        || word.filter(allowed::contains).isPresent(),
                key,
                String.join(" or ", allowed));
        return word;
    }

    /// Tells whether a key is true.
    boolean isTrue(String key) {
        return config.path(key).booleanValue(false);
    }

    void require(boolean holds, String key, String allowed) {
        if (!holds) {
            throw wrong(key, allowed);
        }
    }

    InputException wrong(String key, String allowed) {
        JsonNode value = config.path(key);
        String got = value.isMissingNode() ? "nothing" : value.toString();
        return InputException.of(
                where,
                "quantization_config." + key,
                allowed,
                got.length() <= LONGEST_VALUE ? got : got.substring(0, LONGEST_VALUE) + "...");
    }
}
