package dev.saiki.engine.constraint;

import static dev.saiki.io.InputException.require;

import dev.saiki.io.InputException;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/// The reading of the values of a schema's keywords; error messages name the keyword's place in the schema.
final class SchemaValues {

    private static final int MAX_ITEMS = 10_000;

    private SchemaValues() {}

    /// Reads a count from a keyword.
    static int count(JsonNode node, String keyword, String where, int otherwise) {
        JsonNode value = node.get(keyword);
        if (value == null) {
            return otherwise;
        }
        if (!value.canConvertToExactIntegral()
                || !value.canConvertToInt()
                || value.intValue() < 0
                || value.intValue() > MAX_ITEMS) {
            throw InputException.of(where, keyword, "a whole number in [0, " + MAX_ITEMS + "]", value);
        }
        return value.intValue();
    }

    static void requireOrder(int least, int most, String where, String first, String second) {
        require(least <= most, where, first, "at most " + second + " " + most, least);
    }

    static JsonNode object(JsonNode node, String where) {
        require(node.isObject(), where, "the value", "an object", node);
        return node;
    }

    static Stream<JsonNode> list(JsonNode node, String where) {
        require(node.isArray() && !node.isEmpty(), where, "the value", "a list of at least one element", node);
        return node.valueStream();
    }

    /// Returns the values of a keyword: usually one, but several if merged schemas have the same keyword.
    static List<JsonNode> all(JsonNode node, String keyword) {
        JsonNode value = node.get(keyword);
        if (value == null) {
            return List.of();
        }
        return value.isArray() ? value.valueStream().toList() : List.of(value);
    }

    static String text(JsonNode node, String where) {
        require(node.isString(), where, "the value", "a text", node);
        return node.stringValue();
    }

    /// Returns the target of a reference.
    ///
    /// @param root the whole schema
    static JsonNode target(JsonNode root, String pointer, String where) {
        require(pointer.startsWith("#"), where, "$ref", "a place in this schema such as #/$defs/name", pointer);
        JsonNode target = root.at(compiled(pointer, where));
        require(!target.isMissingNode(), where, "$ref", "a place in this schema", pointer);
        return target;
    }

    private static JsonPointer compiled(String pointer, String where) {
        try {
            return JsonPointer.compile(pointer.substring(1));
        } catch (IllegalArgumentException e) {
            throw new InputException(where + ": $ref must be a place in this schema, got " + pointer, e);
        }
    }
}
