package dev.saiki.io.yaml;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Numbers in the notations of YAML 1.2. The parser returns some of them as text, such as `1e-5`.
public final class YamlNumbers {

    /// The exponent has at most three digits, since a larger one would create a BigDecimal that takes minutes to
    /// convert.
    private static final Pattern NUMBER = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?");

    private static final int LONGEST = 40;

    private YamlNumbers() {}

    /// Reads a number, or text that represents one.
    static Optional<BigDecimal> parse(JsonNode value) {
        String text = value.isNumber() || value.isString() ? value.asString() : "";
        return text.length() <= LONGEST && NUMBER.matcher(text).matches()
                ? Optional.of(new BigDecimal(text))
                : Optional.empty();
    }

    /// Replaces every text that represents a number by that number, at all levels.
    ///
    /// @param node a node, which is changed in place
    public static void normalize(ObjectNode node) {
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            JsonNode value = property.getValue();
            if (value.isString()) {
                parse(value).ifPresent(number -> property.setValue(node.numberNode(number.doubleValue())));
            }
            normalizeInside(value);
        }
    }

    private static void normalizeInside(JsonNode value) {
        if (value instanceof ObjectNode object) {
            normalize(object);
        }
        if (value instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                int index = i;
                JsonNode element = array.get(i);
                if (element.isString()) {
                    parse(element).ifPresent(number -> array.set(index, array.numberNode(number.doubleValue())));
                }
                normalizeInside(element);
            }
        }
    }
}
