package dev.saiki.engine.constraint;

import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The rules of a JSON Schema. Every text that matches the rules is valid JSON. The rules restrict the text
/// further than the schema does: properties come in the schema's order, and if the schema names any properties, no
/// others occur.
///
/// | supported | |
/// | --- | --- |
/// | any type | `type` (one or several), `enum`, `const`, `$ref` into the same schema (may be recursive) |
/// | schemas | `allOf`, `anyOf`, and keywords beside them ({@link SchemaMerge}); `oneOf` ({@link SchemaOptions}) |
/// | object | `properties`, `required`, `additionalProperties`, `propertyNames`, `minProperties`, `maxProperties` |
/// | array | `items`, `prefixItems`, `minItems`, `maxItems` |
/// | string | `minLength`, `maxLength`, `pattern` ({@link RegexParser}), `format` ({@link TextFormats}), combinable |
/// | number | `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`, `multipleOf`, `format` |
/// | skipped | `title`, `description`, `default`, `examples` and other annotations |
///
/// Keywords that cannot be enforced are either rejected, with a message that names their place, or ignored and
/// reported ({@link Relaxation}).
final class JsonSchemaRules {

    private static final int DEEPEST = 64;
    private static final int MAX_PROPERTIES = 1000;

    private final Grammar.Builder builder;
    private final JsonRules json;
    private final TextRules texts;
    private final NumberRules numbers;
    private final Relaxation relaxation;
    private final SchemaMerge merge;
    private final SchemaOptions options;
    private final JsonNode schema;
    private final Map<String, Integer> references = new HashMap<>();

    JsonSchemaRules(Grammar.Builder builder, JsonNode schema, Relaxation relaxation) {
        this.builder = builder;
        this.json = new JsonRules(builder);
        this.texts = new TextRules(builder, json, relaxation);
        this.numbers = new NumberRules(builder, json, relaxation);
        this.relaxation = relaxation;
        this.merge = new SchemaMerge(schema, relaxation);
        this.options = new SchemaOptions(merge, schema);
        this.schema = schema;
    }

    /// The rule of the whole schema.
    int root() {
        return reference("#", "#", 0);
    }

    private int rule(JsonNode node, String where, int depth) {
        InputException.require(depth <= DEEPEST, where, "nesting", "at most " + DEEPEST, "more");
        JsonNode plain = merge.plain(node, where);
        if (plain.isBoolean() && plain.booleanValue()) {
            return json.anyValue();
        }
        InputException.require(!plain.isBoolean() || !node.isObject(), where + ": no value satisfies the whole schema");
        InputException.require(plain.isObject(), where, "a schema", "an object or true", node);
        if (plain.has("$ref")) {
            String place = where + "/$ref";
            return reference(SchemaValues.text(plain.get("$ref"), place), place, depth);
        }
        if (plain.has("anyOf")) {
            return anyOf(plain.get("anyOf"), where + "/anyOf", depth);
        }
        if (plain.has("oneOf")) {
            return oneOf(plain.get("oneOf"), where, depth);
        }
        if (plain.has("enum")) {
            return oneValue(plain, where);
        }
        return builder.oneOf(SchemaKeywords.typesOf(plain, where).stream()
                .map(type -> ofType(type, plain, where, depth))
                .toList());
    }

    private int anyOf(JsonNode node, String where, int depth) {
        List<Integer> rules = new ArrayList<>();
        SchemaValues.list(node, where)
                .filter(option -> !option.isBoolean() || option.booleanValue())
                .forEach(option -> rules.add(rule(option, where + "/" + rules.size(), depth + 1)));
        InputException.require(!rules.isEmpty(), where + ": no value satisfies the whole schema");
        return builder.oneOf(rules);
    }

    /// `oneOf` is enforced like `anyOf`, which is correct only if no value matches two options.
    private int oneOf(JsonNode node, String where, int depth) {
        if (!options.areDisjoint(SchemaValues.list(node, where + "/oneOf").toList(), where)) {
            relaxation.ignore(
                    where,
                    "oneOf",
                    "is supported only if at most one option can match: options must differ by type, or by a required property"
                            + " whose values differ");
        }
        return anyOf(node, where + "/oneOf", depth);
    }

    private int oneValue(JsonNode node, String where) {
        JsonNode values = node.get("enum");
        SchemaValues.list(values, where + "/enum");
        for (String name : node.propertyNames()) {
            if (!SchemaMerge.isEnforcedWithEnum(name) && SchemaKeywords.isBinding(name)) {
                relaxation.ignore(where, name, "together with enum or const is not supported");
            }
        }
        List<JsonNode> allowed = SchemaMerge.allowed(node, where);
        InputException.require(
                !allowed.isEmpty(),
                where + "/enum",
                "the value",
                "a list with at least one value of the schema's type within the schema's bounds",
                values);
        return builder.oneOf(
                allowed.stream().map(option -> builder.text(option.toString())).toList());
    }

    /// Each referenced schema has one rule, however often it is referenced; this keeps recursion finite.
    private int reference(String pointer, String where, int depth) {
        Integer known = references.get(pointer);
        if (known != null) {
            return known;
        }
        JsonNode target = SchemaValues.target(schema, pointer, where);
        int reserved = builder.reserve();
        references.put(pointer, reserved);
        builder.define(reserved, rule(target, pointer, depth + 1));
        return reserved;
    }

    private int ofType(String type, JsonNode node, String where, int depth) {
        return switch (type) {
            case "object" -> object(node, where, depth);
            case "array" -> array(node, where, depth);
            case "string" -> texts.rule(node, where);
            case "number" -> numbers.rule(node, false, where);
            case "integer" -> numbers.rule(node, true, where);
            case "boolean" -> json.bool();
            case "null" -> json.nothing();
            default -> throw InputException.of(where, "type", "one of " + SchemaKeywords.types(), type);
        };
    }

    private int object(JsonNode node, String where, int depth) {
        ObjectMembers members = ObjectMembers.of(node, merge, where);
        if (members.isMap()) {
            return map(node, members, where, depth);
        }
        InputException.require(
                members.properties().size() <= MAX_PROPERTIES,
                where,
                "properties",
                "at most " + MAX_PROPERTIES,
                members.properties().size());
        if (members.required().size() < SchemaValues.count(node, "minProperties", where, 0)) {
            relaxation.ignore(where, "minProperties", "above the number of required properties is not supported");
        }
        if (members.properties().size() > SchemaValues.count(node, "maxProperties", where, Integer.MAX_VALUE)) {
            relaxation.ignore(where, "maxProperties", "below the number of properties is not supported");
        }
        if (members.hasOpenNames()) {
            relaxation.ignore(where, "propertyNames", "together with properties is not supported");
        }
        List<Integer> rules = new ArrayList<>();
        members.properties()
                .forEach((name, value) -> rules.add(builder.inOrder(
                        builder.text(ObjectMembers.quote(name)),
                        json.colon(),
                        rule(value, where + "/properties/" + name, depth + 1))));
        return json.object(
                rules,
                members.properties().keySet().stream()
                        .map(members.required()::contains)
                        .toList());
    }

    /// An object without named properties. The rules cannot prevent repeated names, so two members may count as
    /// one property.
    private int map(JsonNode node, ObjectMembers members, String where, int depth) {
        int least = SchemaValues.count(node, "minProperties", where, 0);
        int most = SchemaValues.count(node, "maxProperties", where, Grammar.UNBOUNDED);
        SchemaValues.requireOrder(least, most, where, "minProperties", "maxProperties");
        if (least > 1) {
            relaxation.ignore(where, "minProperties", "above 1 is not supported without named properties");
        }
        int names = members.hasOpenNames()
                ? rule(members.names(), where + "/propertyNames", depth + 1)
                : json.string(0, Grammar.UNBOUNDED);
        int values = rule(members.others(), where + "/additionalProperties", depth + 1);
        return json.map(names, values, Math.min(1, least), most);
    }

    private int array(JsonNode node, String where, int depth) {
        int least = SchemaValues.count(node, "minItems", where, 0);
        int most = SchemaValues.count(node, "maxItems", where, Grammar.UNBOUNDED);
        SchemaValues.requireOrder(least, most, where, "minItems", "maxItems");
        if (node.has("prefixItems")) {
            return tuple(node, where, depth, least, most);
        }
        JsonNode items = node.get("items");
        if (items != null && items.isBoolean() && !items.booleanValue()) {
            return builder.text("[]");
        }
        return json.array(items == null ? json.anyValue() : rule(items, where + "/items", depth + 1), least, most);
    }

    /// An array with a schema for each place. All items are written, and no further items follow.
    private int tuple(JsonNode node, String where, int depth, int least, int most) {
        List<Integer> parts = new ArrayList<>(List.of(builder.text("[")));
        int[] count = {0};
        SchemaValues.list(node.get("prefixItems"), where + "/prefixItems").forEach(item -> {
            if (count[0] > 0) {
                parts.add(json.comma());
            }
            parts.add(rule(item, where + "/prefixItems/" + count[0], depth + 1));
            count[0]++;
        });
        if (count[0] < least || count[0] > most) {
            throw InputException.of(where, "prefixItems", "a list whose length is from minItems to maxItems", count[0]);
        }
        parts.add(builder.text("]"));
        return builder.inOrder(parts);
    }
}
