package dev.saiki.engine.constraint;

import dev.saiki.io.InputException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.StringNode;

/// The members of an object that a schema allows.
///
/// @param properties named properties, in the order in which they are written
/// @param required names of required members
/// @param others the schema of all other members; false if no other member is allowed
/// @param names the schema of the names; true if any name is allowed
record ObjectMembers(Map<String, JsonNode> properties, Set<String> required, JsonNode others, JsonNode names) {

    private static final String REQUIRED = "required";

    /// Reads a schema.
    ///
    /// @param node a schema in plain form
    static ObjectMembers of(JsonNode node, SchemaMerge merge, String where) {
        Map<String, JsonNode> properties = new LinkedHashMap<>();
        if (node.has("properties")) {
            SchemaValues.object(node.get("properties"), where + "/properties")
                    .properties()
                    .forEach(property -> properties.put(property.getKey(), property.getValue()));
        }
        JsonNode others = node.has("additionalProperties") ? node.get("additionalProperties") : BooleanNode.TRUE;
        JsonNode names = node.has("propertyNames")
                ? merge.plain(node.get("propertyNames"), where + "/propertyNames")
                : BooleanNode.TRUE;
        if (names.has("enum")) {
            // If all possible names are known, they are treated as named properties.
            Set<String> allowed = SchemaMerge.allowed(names, where).stream()
                    .map(name -> SchemaValues.text(name, where + "/propertyNames"))
                    .collect(Collectors.toCollection(LinkedHashSet::new));
            properties.keySet().retainAll(allowed);
            for (String name : allowed) {
                properties.putIfAbsent(name, others);
            }
            others = BooleanNode.FALSE;
            names = BooleanNode.TRUE;
        }
        if (isFalse(names)) {
            properties.clear();
            others = BooleanNode.FALSE;
        }
        Set<String> required = required(node, where);
        for (String name : required) {
            if (!properties.containsKey(name) && isFalse(others)) {
                throw InputException.of(where + "/required", "a name", "one of properties", name);
            }
            properties.putIfAbsent(name, others);
        }
        properties
                .entrySet()
                .removeIf(property -> isFalse(property.getValue()) && !required.contains(property.getKey()));
        return new ObjectMembers(properties, required, others, names);
    }

    private static Set<String> required(JsonNode node, String where) {
        JsonNode named = node.path(REQUIRED);
        if (named.isMissingNode() || (named.isArray() && named.isEmpty())) {
            return Set.of();
        }
        return SchemaValues.list(named, where + "/required")
                .map(name -> SchemaValues.text(name, where + "/required"))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static boolean isFalse(JsonNode schema) {
        return schema.isBoolean() && !schema.booleanValue();
    }

    /// A name as a JSON string.
    static String quote(String name) {
        return StringNode.valueOf(name).toString();
    }

    /// Whether no property is named but other members are allowed.
    boolean isMap() {
        return properties.isEmpty() && !isFalse(others);
    }

    /// Whether names have constraints beyond being strings.
    boolean hasOpenNames() {
        boolean isText = names.isObject()
                && names.size() <= 1
                && names.path("type").stringValue("string").equals("string");
        return !names.isBoolean() && !isText;
    }
}
