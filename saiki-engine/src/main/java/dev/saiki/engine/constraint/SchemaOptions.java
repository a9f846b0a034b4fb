package dev.saiki.engine.constraint;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// The proof that no value matches two options of a `oneOf`.
record SchemaOptions(SchemaMerge merge, JsonNode root) {

    /// The maximum depth of nested properties that are searched.
    private static final int LEVELS = 3;

    private static final String REQUIRED = "required";
    private static final String PROPERTIES = "properties";
    private static final List<String> CHOICES = List.of("anyOf", "oneOf");

    /// Whether it is certain that no value can match two of the options.
    boolean areDisjoint(List<JsonNode> options, String where) {
        for (int one = 0; one < options.size(); one++) {
            for (int other = one + 1; other < options.size(); other++) {
                if (!areDisjoint(options.get(one), options.get(other), where, LEVELS)) {
                    return false;
                }
            }
        }
        return true;
    }

    private JsonNode plain(JsonNode node, String where, int levels) {
        JsonNode plain = merge.plain(node, where);
        return plain.has("$ref") && levels > 0
                ? plain(
                        SchemaValues.target(root, SchemaValues.text(plain.get("$ref"), where), where),
                        where,
                        levels - 1)
                : plain;
    }

    private boolean areDisjoint(JsonNode first, JsonNode second, String where, int levels) {
        JsonNode one = plain(first, where, LEVELS);
        JsonNode other = plain(second, where, LEVELS);
        merge.count(size(one) + size(other), where);
        if (levels == 0 || !one.isObject() || !other.isObject()) {
            return false;
        }
        for (String choice : CHOICES) {
            if (one.has(choice)) {
                return SchemaValues.list(one.get(choice), where)
                        .allMatch(option -> areDisjoint(option, other, where, levels - 1));
            }
            if (other.has(choice)) {
                return areDisjoint(other, one, where, levels);
            }
        }
        if (one.has("enum") && other.has("enum")) {
            Set<JsonNode> values = new HashSet<>(SchemaMerge.allowed(other, where));
            return SchemaMerge.allowed(one, where).stream().noneMatch(values::contains);
        }
        Set<String> common = kinds(one, where);
        common.retainAll(kinds(other, where));
        return common.isEmpty() || (common.equals(Set.of("object")) && objectsAreApart(one, other, where, levels));
    }

    private static int size(JsonNode schema) {
        return 1 + schema.path("enum").size() + schema.path(REQUIRED).size();
    }

    /// The possible types of a value. Only `type` and `enum` restrict them; a keyword such as `minLength` does
    /// not.
    private static Set<String> kinds(JsonNode schema, String where) {
        List<String> named;
        if (schema.has("enum")) {
            named = SchemaMerge.allowed(schema, where).stream()
                    .map(SchemaKeywords::typeOf)
                    .toList();
        } else {
            named = schema.has("type")
                    ? SchemaKeywords.typesOf(schema, where)
                    : List.of("object", "array", "string", "number", "boolean", "null");
        }
        return named.stream()
                .map(type -> type.equals("integer") ? "number" : type)
                .collect(Collectors.toSet());
    }

    private boolean objectsAreApart(JsonNode one, JsonNode other, String where, int levels) {
        return isClosedTo(one, other)
                || isClosedTo(other, one)
                || common(required(one), required(other)).stream()
                        .filter(name -> one.path(PROPERTIES).has(name)
                                && other.path(PROPERTIES).has(name))
                        .anyMatch(name -> areDisjoint(
                                one.path(PROPERTIES).path(name),
                                other.path(PROPERTIES).path(name),
                                where,
                                levels - 1));
    }

    private static Set<String> common(Set<String> first, Set<String> second) {
        Set<String> common = new TreeSet<>(first);
        common.retainAll(second);
        return common;
    }

    private static boolean isClosedTo(JsonNode one, JsonNode other) {
        JsonNode additional = one.path("additionalProperties");
        return additional.isBoolean()
                && !additional.booleanValue()
                && required(other).stream()
                        .anyMatch(name -> !one.path(PROPERTIES).has(name));
    }

    private static Set<String> required(JsonNode schema) {
        return schema.path(REQUIRED)
                .valueStream()
                .map(name -> name.stringValue(""))
                .collect(Collectors.toSet());
    }
}
