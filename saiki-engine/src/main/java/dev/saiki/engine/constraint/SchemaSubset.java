package dev.saiki.engine.constraint;

import dev.saiki.io.InputException;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The part of a JSON Schema that {@link JsonSchemaRules} can follow, for those to whom the rest was not
/// promised: a function whose whole schema need not bind is better called with arguments that are nearly right
/// than not at all.
///
/// Keywords that narrow, such as `minimum`, go, and so do properties by pattern; `oneOf` becomes `anyOf`. What
/// stands beside `$ref`, `const`, `enum` or `anyOf` goes; of a text's length, pattern and format one stays.
/// Places stay where they are, so that references lead to them.
final class SchemaSubset {

    private static final List<String> WITH_SCHEMAS = List.of("$defs", "definitions", "properties");
    private static final List<String> AS_THEY_ARE = List.of("type", "minItems", "maxItems");

    private SchemaSubset() {}

    /// Leaves out what cannot be followed; what is no schema stays, and is refused where it is read.
    static JsonNode of(JsonNode schema) {
        if (!(schema instanceof ObjectNode object)) {
            return schema;
        }
        ObjectNode kept = JsonNodeFactory.instance.objectNode();
        for (String place : WITH_SCHEMAS) {
            if (object.get(place) instanceof ObjectNode named) {
                kept.set(place, mapped(named));
            }
        }
        Optional<String> whole =
                JsonSchemaRules.WHOLE_SCHEMAS.stream().filter(object::has).findFirst();
        if (whole.isPresent() || object.has("oneOf")) {
            kept.remove("properties");
            putWhole(kept, object, whole.orElse("oneOf"));
            return kept;
        }
        boolean saysNoMore = !object.has("type") && !object.has("properties");
        if (saysNoMore && object.get("allOf") instanceof ArrayNode all && all.size() == 1) {
            return of(all.get(0)) instanceof ObjectNode only ? kept.setAll(only) : kept;
        }
        putTyped(kept, object);
        return kept;
    }

    private static ObjectNode mapped(ObjectNode named) {
        ObjectNode kept = JsonNodeFactory.instance.objectNode();
        named.properties().forEach(entry -> kept.set(entry.getKey(), of(entry.getValue())));
        return kept;
    }

    private static JsonNode each(JsonNode schemas) {
        if (!(schemas instanceof ArrayNode list)) {
            return schemas;
        }
        ArrayNode kept = JsonNodeFactory.instance.arrayNode();
        list.forEach(schema -> kept.add(of(schema)));
        return kept;
    }

    private static void putWhole(ObjectNode kept, ObjectNode schema, String keyword) {
        switch (keyword) {
            case "anyOf", "oneOf" -> kept.set("anyOf", each(schema.get(keyword)));
            default -> kept.set(keyword, schema.get(keyword));
        }
    }

    private static void putTyped(ObjectNode kept, ObjectNode schema) {
        AS_THEY_ARE.stream().filter(schema::has).forEach(name -> kept.set(name, schema.get(name)));
        for (String name : List.of("items", "additionalProperties")) {
            if (schema.has(name)) {
                kept.set(name, of(schema.get(name)));
            }
        }
        if (schema.has("prefixItems")) {
            kept.set("prefixItems", each(schema.get("prefixItems")));
        }
        if (schema.get("required") instanceof ArrayNode required) {
            ArrayNode there = kept.putArray("required");
            required.forEach(name -> {
                if (kept.path("properties").has(name.stringValue(""))) {
                    there.add(name);
                }
            });
        }
        putText(kept, schema);
    }

    /// Of what is said of a text, the first that can be followed.
    private static void putText(ObjectNode kept, ObjectNode schema) {
        for (List<String> names : List.of(List.of("pattern"), List.of("format"), List.of("minLength", "maxLength"))) {
            ObjectNode text = JsonNodeFactory.instance.objectNode().put("type", "string");
            names.stream().filter(schema::has).forEach(name -> text.set(name, schema.get(name)));
            if (text.size() > 1 && isFollowed(text)) {
                names.stream().filter(schema::has).forEach(name -> kept.set(name, schema.get(name)));
                return;
            }
        }
    }

    private static boolean isFollowed(ObjectNode text) {
        try {
            int _ = new JsonSchemaRules(new Grammar.Builder("schema"), text).root();
            return true;
        } catch (InputException e) {
            return false;
        }
    }
}
