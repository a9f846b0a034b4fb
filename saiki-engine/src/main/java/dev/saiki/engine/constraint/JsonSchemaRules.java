package dev.saiki.engine.constraint;

import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/// The rules of a JSON Schema, which give nothing but valid JSON, though not all of it: properties come in the
/// schema's order and only those that it names.
///
/// | supported | |
/// | --- | --- |
/// | any | `type` (one or several), `enum`, `const`, `anyOf`, `$ref` into the same schema, also to itself |
/// | object | `properties`, `required`, `additionalProperties` |
/// | array | `items`, `prefixItems`, `minItems`, `maxItems` |
/// | string | `minLength`, `maxLength`, `pattern` (within {@link RegexRules}), `format` (date, time, date-time, uuid) |
/// | read over | `title`, `description`, `default`, `examples` and other annotations |
///
/// Everything else would be promised and not kept, and is refused with its place.
final class JsonSchemaRules {

    private static final int DEEPEST = 64;
    private static final int MOST_PROPERTIES = 1000;
    private static final int MOST_ITEMS = 10_000;

    private static final Set<String> ANNOTATIONS = Set.of(
            "$schema",
            "$id",
            "$comment",
            "$defs",
            "definitions",
            "title",
            "description",
            "default",
            "examples",
            "deprecated",
            "readOnly",
            "writeOnly",
            "strict");
    private static final Map<String, Set<String>> KEYWORDS = Map.of(
            "object", Set.of("properties", "required", "additionalProperties"),
            "array", Set.of("items", "prefixItems", "minItems", "maxItems"),
            "string", Set.of("minLength", "maxLength", "pattern", "format"),
            "number", Set.of(),
            "integer", Set.of(),
            "boolean", Set.of(),
            "null", Set.of());

    /// Keywords that are all there is to a schema, the first of them first.
    static final List<String> WHOLE_SCHEMAS = List.of("$ref", "const", "enum", "anyOf");

    private static final Set<String> WHOLE =
            Stream.concat(Stream.of("type"), WHOLE_SCHEMAS.stream()).collect(Collectors.toUnmodifiableSet());
    private static final String DATE = "\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\\d|2[0-8])";
    private static final String TIME = "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)";
    /// Days beyond the 28th are not written, for not every month has them.
    private static final Map<String, String> FORMATS = Map.of(
            "date",
            DATE,
            "time",
            TIME,
            "date-time",
            DATE + "T" + TIME,
            "uuid",
            "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private final Grammar.Builder builder;
    private final JsonRules json;
    private final CodePointRules characters;
    private final JsonNode schema;
    private final Map<String, Integer> references = new HashMap<>();

    JsonSchemaRules(Grammar.Builder builder, JsonNode schema) {
        this.builder = builder;
        this.json = new JsonRules(builder);
        this.characters = CodePointRules.inJsonString(builder);
        this.schema = schema;
    }

    /// The rule of the whole schema.
    int root() {
        return reference("#", "#", 0);
    }

    private int rule(JsonNode node, String where, int depth) {
        if (depth > DEEPEST) {
            throw InputException.of(where, "nesting", "at most " + DEEPEST, "more");
        }
        if (node.isBoolean() && node.booleanValue()) {
            return json.anyValue();
        }
        if (!node.isObject()) {
            throw InputException.of(where, "a schema", "an object or true", node);
        }
        requireKnown(node, where);
        for (String whole : WHOLE_SCHEMAS) {
            if (node.has(whole)) {
                requireAlone(node, whole, where);
                return whole(node, whole, where, depth);
            }
        }
        return builder.oneOf(types(node, where).stream()
                .map(type -> ofType(type, node, where, depth))
                .toList());
    }

    private int whole(JsonNode node, String keyword, String where, int depth) {
        JsonNode value = node.get(keyword);
        String place = where + "/" + keyword;
        return switch (keyword) {
            case "$ref" -> reference(text(value, place), place, depth);
            case "const" -> builder.text(value.toString());
            case "enum" ->
                builder.oneOf(list(value, place)
                        .map(option -> builder.text(option.toString()))
                        .toList());
            default -> {
                List<Integer> options = new ArrayList<>();
                list(value, place)
                        .forEach(option -> options.add(rule(option, place + "/" + options.size(), depth + 1)));
                yield builder.oneOf(options);
            }
        };
    }

    /// A schema that is referred to has one rule, however often; that is what makes recursion finite.
    private int reference(String pointer, String where, int depth) {
        if (!pointer.startsWith("#")) {
            throw InputException.of(where, "$ref", "a place in this schema such as #/$defs/name", pointer);
        }
        Integer known = references.get(pointer);
        if (known != null) {
            return known;
        }
        JsonNode target = schema.at(pointerOf(pointer, where));
        if (target.isMissingNode()) {
            throw InputException.of(where, "$ref", "a place in this schema", pointer);
        }
        int reserved = builder.reserve();
        references.put(pointer, reserved);
        builder.define(reserved, rule(target, pointer, depth + 1));
        return reserved;
    }

    private static JsonPointer pointerOf(String pointer, String where) {
        try {
            return JsonPointer.compile(pointer.substring(1));
        } catch (IllegalArgumentException e) {
            throw new InputException(where + ": $ref must be a place in this schema, got " + pointer, e);
        }
    }

    private int ofType(String type, JsonNode node, String where, int depth) {
        return switch (type) {
            case "object" -> object(node, where, depth);
            case "array" -> array(node, where, depth);
            case "string" -> string(node, where);
            case "number" -> json.number();
            case "integer" -> json.integer();
            case "boolean" -> json.bool();
            case "null" -> json.nothing();
            default -> throw InputException.of(where, "type", "one of " + sorted(KEYWORDS.keySet()), type);
        };
    }

    private int object(JsonNode node, String where, int depth) {
        Map<String, JsonNode> properties = new LinkedHashMap<>();
        if (node.has("properties")) {
            requireObject(node.get("properties"), where + "/properties")
                    .properties()
                    .forEach(property -> properties.put(property.getKey(), property.getValue()));
        }
        JsonNode named = node.path("required");
        boolean namesSome = node.has("required") && !(named.isArray() && named.isEmpty());
        Set<String> required = namesSome
                ? list(node.get("required"), where + "/required")
                        .map(name -> text(name, where + "/required"))
                        .collect(Collectors.toCollection(LinkedHashSet::new))
                : Set.of();
        JsonNode additional = node.get("additionalProperties");
        boolean closed = additional != null && additional.isBoolean() && !additional.booleanValue();
        if (properties.isEmpty() && required.isEmpty() && !closed) {
            return json.map(
                    additional == null
                            ? json.anyValue()
                            : rule(additional, where + "/additionalProperties", depth + 1));
        }
        for (String name : required) {
            if (!properties.containsKey(name)) {
                throw InputException.of(where + "/required", "a name", "one of properties", name);
            }
        }
        if (properties.size() > MOST_PROPERTIES) {
            throw InputException.of(where, "properties", "at most " + MOST_PROPERTIES, properties.size());
        }
        List<Integer> members = new ArrayList<>();
        properties.forEach((name, value) -> members.add(builder.inOrder(
                builder.text(quote(name)), json.colon(), rule(value, where + "/properties/" + name, depth + 1))));
        return json.object(
                members, properties.keySet().stream().map(required::contains).toList());
    }

    private static String quote(String name) {
        return StringNode.valueOf(name).toString();
    }

    private int array(JsonNode node, String where, int depth) {
        int least = count(node, "minItems", where, 0);
        int most = count(node, "maxItems", where, Grammar.UNBOUNDED);
        requireOrder(least, most, where, "minItems", "maxItems");
        if (node.has("prefixItems")) {
            return tuple(node, where, depth, least, most);
        }
        JsonNode items = node.get("items");
        if (items != null && items.isBoolean() && !items.booleanValue()) {
            return builder.text("[]");
        }
        return json.array(items == null ? json.anyValue() : rule(items, where + "/items", depth + 1), least, most);
    }

    /// An array of which each place has a schema of its own; it is written whole and with nothing behind.
    private int tuple(JsonNode node, String where, int depth, int least, int most) {
        List<Integer> parts = new ArrayList<>(List.of(builder.text("[")));
        int[] count = {0};
        list(node.get("prefixItems"), where + "/prefixItems").forEach(item -> {
            if (count[0] > 0) {
                parts.add(json.comma());
            }
            parts.add(rule(item, where + "/prefixItems/" + count[0], depth + 1));
            count[0]++;
        });
        if (count[0] < least || count[0] > most) {
            throw InputException.of(where, "prefixItems", "as many as minItems and maxItems allow", count[0]);
        }
        parts.add(builder.text("]"));
        return builder.inOrder(parts);
    }

    private int string(JsonNode node, String where) {
        int least = count(node, "minLength", where, 0);
        int most = count(node, "maxLength", where, Grammar.UNBOUNDED);
        requireOrder(least, most, where, "minLength", "maxLength");
        boolean sized = node.has("minLength") || node.has("maxLength");
        if (Stream.of(sized, node.has("pattern"), node.has("format"))
                        .filter(has -> has)
                        .count()
                > 1) {
            throw new InputException(where + ": only one of a length, pattern and format is supported at a time");
        }
        if (node.has("pattern")) {
            return pattern(text(node.get("pattern"), where + "/pattern"), where + "/pattern");
        }
        if (node.has("format")) {
            String format = text(node.get("format"), where + "/format");
            String expression = FORMATS.get(format);
            if (expression == null) {
                throw InputException.of(where, "format", "one of " + sorted(FORMATS.keySet()), format);
            }
            return json.quoted(new RegexRules(builder, expression, characters).rule());
        }
        return json.string(least, most);
    }

    /// A pattern of JSON Schema is looked for anywhere unless anchors bind it; only bound ones are written.
    private int pattern(String pattern, String where) {
        if (!pattern.startsWith("^") || !pattern.endsWith("$") || pattern.endsWith("\\$")) {
            throw InputException.of(where, "pattern", "bound by ^ and $", pattern);
        }
        try {
            return json.quoted(new RegexRules(builder, pattern.substring(1, pattern.length() - 1), characters).rule());
        } catch (InputException e) {
            throw new InputException(where + ": " + e.getMessage(), e);
        }
    }

    private static List<String> types(JsonNode node, String where) {
        JsonNode type = node.get("type");
        if (type == null) {
            List<String> implied = Stream.of("object", "array", "string")
                    .filter(kind ->
                            KEYWORDS.getOrDefault(kind, Set.of()).stream().anyMatch(node::has))
                    .toList();
            return implied.isEmpty() ? List.of("object", "array", "string", "number", "boolean", "null") : implied;
        }
        return type.isArray()
                ? list(type, where + "/type")
                        .map(each -> text(each, where + "/type"))
                        .toList()
                : List.of(text(type, where + "/type"));
    }

    private static void requireKnown(JsonNode node, String where) {
        for (String name : node.propertyNames()) {
            boolean known = ANNOTATIONS.contains(name)
                    || WHOLE.contains(name)
                    || KEYWORDS.values().stream().anyMatch(words -> words.contains(name));
            if (!known) {
                throw new InputException(where + ": " + name + " is not supported; supported are "
                        + sorted(Stream.concat(
                                        WHOLE.stream(),
                                        KEYWORDS.values().stream().flatMap(Set::stream))
                                .collect(Collectors.toSet())));
            }
        }
    }

    /// What stands beside these keywords would narrow them further, which rules cannot.
    private static void requireAlone(JsonNode node, String keyword, String where) {
        for (String name : node.propertyNames()) {
            boolean harmless = ANNOTATIONS.contains(name)
                    || name.equals(keyword)
                    || (name.equals("type") && (keyword.equals("enum") || keyword.equals("const")));
            if (!harmless) {
                throw new InputException(where + ": " + name + " beside " + keyword + " is not supported");
            }
        }
    }

    private static int count(JsonNode node, String keyword, String where, int otherwise) {
        JsonNode value = node.get(keyword);
        if (value == null) {
            return otherwise;
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.intValue() < 0
                || value.intValue() > MOST_ITEMS) {
            throw InputException.of(where, keyword, "a whole number in [0, " + MOST_ITEMS + "]", value);
        }
        return value.intValue();
    }

    private static void requireOrder(int least, int most, String where, String first, String second) {
        if (least > most) {
            throw InputException.of(where, first, "at most " + second + " " + most, least);
        }
    }

    private static JsonNode requireObject(JsonNode node, String where) {
        if (!node.isObject()) {
            throw InputException.of(where, "the value", "an object", node);
        }
        return node;
    }

    private static Stream<JsonNode> list(JsonNode node, String where) {
        if (!node.isArray() || node.isEmpty()) {
            throw InputException.of(where, "the value", "a list of at least one", node);
        }
        return node.valueStream();
    }

    private static String text(JsonNode node, String where) {
        if (!node.isString()) {
            throw InputException.of(where, "the value", "a text", node);
        }
        return node.stringValue();
    }

    private static String sorted(Set<String> names) {
        return names.stream().sorted().collect(Collectors.joining(", "));
    }
}
