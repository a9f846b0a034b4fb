package dev.saiki.engine.constraint;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// The keywords of JSON Schema, divided into annotations and keywords that constrain a text.
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

    /// The prefix of vendor extensions.
    private static final String EXTENSION = "x-";

    /// The keywords that apply to values of one type, by type.
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

    /// The keywords that refer to a schema or combine several schemas.
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

    /// The types that a schema allows: those that it names, or else those that its keywords imply, or else
    /// all types.
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

    /// The type of a value, in JSON Schema's terms.
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

    /// Whether every value of a type has one of the given types.
    static boolean isAmong(String type, List<String> types) {
        return types.contains(type) || (type.equals("integer") && types.contains("number"));
    }
}
