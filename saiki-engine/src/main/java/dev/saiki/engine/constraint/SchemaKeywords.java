package dev.saiki.engine.constraint;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// The keywords of JSON Schema that bind a text, and those that do not.
final class SchemaKeywords {

    private static final Set<String> ANNOTATIONS = Set.of(
            "$schema",
            "$id",
            "$anchor",
            "$comment",
            "$defs",
            "definitions",
            "title",
            "description",
            "default",
            "example",
            "examples",
            "deprecated",
            "discriminator",
            "externalDocs",
            "readOnly",
            "writeOnly",
            "contentEncoding",
            "contentMediaType",
            "contentSchema",
            "strict");

    /// What others write for themselves.
    private static final String EXTENSION = "x-";

    /// By type, in the order in which a schema without a type is taken for one.
    private static final Map<String, Set<String>> OF_TYPE = Map.of(
            "object",
            Set.of("properties", "required", "additionalProperties", "propertyNames", "minProperties", "maxProperties"),
            "array",
            Set.of("items", "prefixItems", "minItems", "maxItems"),
            "string",
            Set.of("minLength", "maxLength", "pattern", "format"),
            "number",
            Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
            "integer",
            Set.of(),
            "boolean",
            Set.of(),
            "null",
            Set.of());

    private static final List<String> IMPLIED = List.of("object", "array", "string", "number");

    /// Keywords that have schemas which hold at once, or of which one holds.
    static final List<String> COMPOUND = List.of("$ref", "allOf", "anyOf", "oneOf");

    private static final Set<String> BINDING = Stream.concat(
                    Stream.concat(COMPOUND.stream(), Stream.of("type", "const", "enum")),
                    OF_TYPE.values().stream().flatMap(Set::stream))
            .collect(Collectors.toUnmodifiableSet());

    private SchemaKeywords() {}

    static boolean isAnnotation(String keyword) {
        return ANNOTATIONS.contains(keyword) || keyword.startsWith(EXTENSION);
    }

    static boolean isBinding(String keyword) {
        return BINDING.contains(keyword);
    }

    static String types() {
        return sorted(OF_TYPE.keySet());
    }

    static String binding() {
        return sorted(BINDING);
    }

    static String sorted(Set<String> names) {
        return names.stream().sorted().collect(Collectors.joining(", "));
    }

    /// The types of a schema: those that it names, or those of which it says something, or all.
    static List<String> typesOf(JsonNode node, String where) {
        JsonNode type = node.get("type");
        if (type != null) {
            return type.isArray()
                    ? SchemaValues.list(type, where + "/type")
                            .map(each -> SchemaValues.text(each, where + "/type"))
                            .toList()
                    : List.of(SchemaValues.text(type, where + "/type"));
        }
        List<String> implied = IMPLIED.stream()
                .filter(kind -> OF_TYPE.getOrDefault(kind, Set.of()).stream().anyMatch(node::has))
                .toList();
        return implied.isEmpty() ? List.of("object", "array", "string", "number", "boolean", "null") : implied;
    }

    /// The type of a value, in the words of schemas.
    static String typeOf(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT, POJO -> "object";
            case ARRAY -> "array";
            case STRING, BINARY -> "string";
            case BOOLEAN -> "boolean";
            case NUMBER -> value.canConvertToExactIntegral() ? "integer" : "number";
            case NULL, MISSING -> "null";
        };
    }

    /// Whether values of a type are of one of several others.
    static boolean isAmong(String type, List<String> types) {
        return types.contains(type) || (type.equals("integer") && types.contains("number"));
    }
}
