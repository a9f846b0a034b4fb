package dev.saiki.engine.constraint;

import dev.saiki.io.InputException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The merging of schemas that must match together: `allOf`, and the siblings of `$ref`, `anyOf` and `oneOf`.
///
/// The narrower bounds apply, properties are united, and a choice becomes a choice among its options, each merged
/// with the other schemas. The schemas of properties, names and items are left as a nested `allOf`, so that
/// recursive schemas stay finite. Several values of `pattern`, `format` and `multipleOf` are collected in a list.
final class SchemaMerge {

    private static final int DEEPEST = 32;
    private static final int MAX_OPTIONS = 1000;

    /// The maximum number of steps per schema, because untrusted callers choose schemas. A step is a visited
    /// keyword, member or value.
    private static final long MAX_STEPS = 2_000_000;

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private static final String PREFIX_ITEMS = "prefixItems";
    private static final String ITEMS = "items";
    private static final Set<String> GREATER =
            Set.of("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties");
    private static final Set<String> LESS =
            Set.of("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties");
    private static final List<String> NUMBER_BOUNDS =
            List.of("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum");
    private static final Set<String> SEVERAL = Set.of("pattern", "format", "multipleOf");
    private static final Set<String> SCHEMAS = Set.of(ITEMS, "propertyNames");
    private static final List<String> CHOICES = List.of("anyOf", "oneOf");
    private static final String PROPERTIES = "properties";
    private static final String ADDITIONAL = "additionalProperties";
    private static final String REQUIRED = "required";
    private static final String ENUM = "enum";
    private static final String TYPE = "type";

    /// The number of levels of nested properties that are searched for a property without possible values: enough
    /// for the properties that distinguish options.
    private static final int LEVELS = 2;

    private final JsonNode root;
    private final Relaxation relaxation;
    private int levels;
    private long steps;

    /// @param root the whole schema
    /// @param relaxation policy for schemas that cannot be merged
    SchemaMerge(JsonNode root, Relaxation relaxation) {
        this.root = root;
        this.relaxation = relaxation;
    }

    /// Counts the work that merging a schema causes.
    ///
    /// @throws InputException if the total exceeds what any hand-written schema needs
    void count(int made, String where) {
        steps += made;
        if (steps > MAX_STEPS) {
            throw new InputException(
                    where + ": allOf, anyOf, oneOf and $ref lead to too many combinations; simplify the schema");
        }
    }

    /// Reduces a schema to its plain form.
    ///
    /// @return a schema that has only a `$ref`, only a choice, or neither; false if nothing can match
    JsonNode plain(JsonNode node, String where) {
        return plain(node, where, 0);
    }

    private JsonNode plain(JsonNode node, String where, int depth) {
        InputException.require(depth <= DEEPEST, where, "nesting of allOf and $ref", "at most " + DEEPEST, "more");
        count(1 + node.size(), where);
        if (!(node instanceof ObjectNode object)) {
            return node;
        }
        ObjectNode base = base(object, where);
        List<JsonNode> all = object.has("allOf")
                ? SchemaValues.list(object.get("allOf"), where + "/allOf").toList()
                : List.of();
        List<JsonNode> parts = new ArrayList<>();
        if (!base.isEmpty()) {
            parts.add(base);
        }
        all.forEach(part -> parts.add(plain(part, where + "/allOf", depth + 1)));
        for (String keyword : List.of("$ref", "anyOf", "oneOf")) {
            if (object.has(keyword)) {
                parts.add(NODES.objectNode().set(keyword, object.get(keyword)));
            }
        }
        JsonNode merged = parts.isEmpty() ? base : parts.getFirst();
        for (JsonNode part : parts.subList(Math.min(1, parts.size()), parts.size())) {
            merged = both(merged, part, where, depth + 1);
        }
        return merged;
    }

    /// The schema's own enforced keywords. A keyword that has two forms is converted to one of them.
    private ObjectNode base(ObjectNode schema, String where) {
        ObjectNode base = NODES.objectNode();
        schema.properties().forEach(entry -> {
            String name = entry.getKey();
            if (SchemaKeywords.isBinding(name)) {
                if (!SchemaKeywords.COMPOUND.contains(name)) {
                    base.set(name, entry.getValue());
                }
            } else if (!SchemaKeywords.isAnnotation(name) && !hasNoEffect(name, entry.getValue())) {
                relaxation.ignore(
                        where, name, "is not supported; the supported keywords are " + SchemaKeywords.binding());
            }
        });
        JsonNode only = base.remove("const");
        if (only != null) {
            base.set(ENUM, NODES.arrayNode().add(only));
        }
        putExclusive(base, "minimum", "exclusiveMinimum");
        putExclusive(base, "maximum", "exclusiveMaximum");
        if (base.get(ITEMS) instanceof ArrayNode each) {
            base.remove(ITEMS);
            base.set(PREFIX_ITEMS, each);
        }
        return base;
    }

    private static boolean hasNoEffect(String name, JsonNode value) {
        return name.equals("uniqueItems") && value.isBoolean() && !value.booleanValue();
    }

    /// Converts the form of older schemas, in which a separate boolean keyword marks a bound as exclusive.
    private static void putExclusive(ObjectNode base, String bound, String exclusive) {
        if (base.get(exclusive) instanceof BooleanNode also) {
            base.remove(exclusive);
            if (also.booleanValue() && base.has(bound)) {
                base.set(exclusive, base.remove(bound));
            }
        }
    }

    /// The schema of the values that match both of two plain schemas.
    private JsonNode both(JsonNode first, JsonNode second, String where, int depth) {
        count(1 + first.size() + second.size(), where);
        if (first.isBoolean() || second.isBoolean()) {
            return both(first, second);
        }
        JsonNode one = resolved(first, where, depth);
        JsonNode other = resolved(second, where, depth);
        for (String choice : CHOICES) {
            if (one.has(choice)) {
                return options(one, choice, other, where, depth);
            }
            if (other.has(choice)) {
                return options(other, choice, one, where, depth);
            }
        }
        return one instanceof ObjectNode a && other instanceof ObjectNode b
                ? keywords(a, b, where)
                : both(one, other, where, depth + 1);
    }

    /// Replaces a reference that has siblings by its target.
    private JsonNode resolved(JsonNode node, String where, int depth) {
        JsonNode reference = node.get("$ref");
        if (reference == null) {
            return node;
        }
        String pointer = SchemaValues.text(reference, where + "/$ref");
        return plain(SchemaValues.target(root, pointer, where), pointer, depth + 1);
    }

    private JsonNode options(JsonNode choice, String keyword, JsonNode rest, String where, int depth) {
        ArrayNode left = NODES.arrayNode();
        SchemaValues.list(choice.get(keyword), where + "/" + keyword)
                .map(option -> both(plain(option, where + "/" + keyword, depth + 1), rest, where, depth + 1))
                .filter(option -> !option.isBoolean() || option.booleanValue())
                .forEach(left::add);
        InputException.require(
                left.size() <= MAX_OPTIONS, where, keyword, "at most " + MAX_OPTIONS + " options", left.size());
        return left.isEmpty() ? BooleanNode.FALSE : NODES.objectNode().set(keyword, left);
    }

    private JsonNode keywords(ObjectNode first, ObjectNode second, String where) {
        count(members(first) + members(second), where);
        ObjectNode merged = NODES.objectNode().setAll(first);
        for (Map.Entry<String, JsonNode> entry : second.properties()) {
            String name = entry.getKey();
            JsonNode before = merged.get(name);
            merged.set(name, before == null ? entry.getValue() : keyword(name, before, entry.getValue(), where));
        }
        putProperties(merged, first, second);
        putItems(merged, first, second);
        return isImpossible(merged, where) ? BooleanNode.FALSE : merged;
    }

    /// The number of elements of a schema that a merge visits, in addition to its keywords.
    private static int members(ObjectNode schema) {
        return schema.path(PROPERTIES).size()
                + schema.path(PREFIX_ITEMS).size()
                + schema.path(REQUIRED).size()
                + schema.path(ENUM).size();
    }

    private JsonNode keyword(String name, JsonNode first, JsonNode second, String where) {
        if (first.equals(second)) {
            return first;
        }
        if (GREATER.contains(name) || LESS.contains(name)) {
            boolean takesFirst = number(first, name, where).compareTo(number(second, name, where)) > 0;
            return takesFirst == GREATER.contains(name) ? first : second;
        }
        if (SEVERAL.contains(name)) {
            return NODES.arrayNode().addAll(each(first)).addAll(each(second));
        }
        if (SCHEMAS.contains(name) || name.equals(ADDITIONAL)) {
            return both(first, second);
        }
        return switch (name) {
            case REQUIRED -> union(first, second);
            case ENUM -> common(first, second);
            case TYPE -> types(first, second, where);
            case PROPERTIES, PREFIX_ITEMS -> first;
            default -> {
                relaxation.ignore(where, name, "in several schemas at once is not supported");
                yield first;
            }
        };
    }

    private static BigDecimal number(JsonNode value, String name, String where) {
        InputException.require(value.isNumber(), where, name, "a number", value);
        return value.decimalValue();
    }

    private static List<JsonNode> each(JsonNode node) {
        return node.isArray() ? node.valueStream().toList() : List.of(node);
    }

    private static JsonNode both(JsonNode first, JsonNode second) {
        if (first.isBoolean()) {
            return first.booleanValue() ? second : first;
        }
        if (second.isBoolean()) {
            return second.booleanValue() ? first : second;
        }
        ObjectNode all = NODES.objectNode();
        all.putArray("allOf").add(first).add(second);
        return all;
    }

    private static ArrayNode union(JsonNode first, JsonNode second) {
        Set<JsonNode> names = new LinkedHashSet<>(each(first));
        names.addAll(each(second));
        return NODES.arrayNode().addAll(names);
    }

    private static ArrayNode common(JsonNode first, JsonNode second) {
        Set<JsonNode> others = new LinkedHashSet<>(each(second));
        return NODES.arrayNode()
                .addAll(each(first).stream().filter(others::contains).toList());
    }

    private static ArrayNode types(JsonNode first, JsonNode second, String where) {
        List<String> one = SchemaKeywords.typesOf(NODES.objectNode().set(TYPE, first), where);
        List<String> other = SchemaKeywords.typesOf(NODES.objectNode().set(TYPE, second), where);
        Set<String> left = new LinkedHashSet<>();
        one.stream().filter(type -> SchemaKeywords.isAmong(type, other)).forEach(left::add);
        other.stream().filter(type -> SchemaKeywords.isAmong(type, one)).forEach(left::add);
        ArrayNode types = NODES.arrayNode();
        left.forEach(types::add);
        return types;
    }

    /// A property that only one schema names is also subject to the other schema's rule for unnamed properties.
    private static void putProperties(ObjectNode merged, ObjectNode first, ObjectNode second) {
        if (!first.has(PROPERTIES) && !second.has(PROPERTIES)) {
            return;
        }
        ObjectNode all = NODES.objectNode();
        Stream.of(first, second)
                .flatMap(schema -> schema.path(PROPERTIES).propertyNames().stream())
                .distinct()
                .forEach(name -> all.set(name, together(propertySchema(first, name), propertySchema(second, name))));
        merged.set(PROPERTIES, all);
    }

    /// An item for which only one schema has an entry is also subject to the other schema's rule for remaining
    /// items.
    private static void putItems(ObjectNode merged, ObjectNode first, ObjectNode second) {
        int places = Math.max(
                first.path(PREFIX_ITEMS).size(), second.path(PREFIX_ITEMS).size());
        if (places == 0) {
            return;
        }
        ArrayNode all = NODES.arrayNode();
        for (int place = 0; place < places; place++) {
            all.add(together(itemSchema(first, place), itemSchema(second, place)));
        }
        merged.set(PREFIX_ITEMS, all);
    }

    /// The combination of two schemas for the same place; either may be absent.
    private static JsonNode together(Optional<JsonNode> one, Optional<JsonNode> other) {
        return one.map(first -> other.map(second -> both(first, second)).orElse(first))
                .or(() -> other)
                .orElse(BooleanNode.TRUE);
    }

    private static Optional<JsonNode> itemSchema(ObjectNode schema, int place) {
        return Optional.ofNullable(schema.path(PREFIX_ITEMS).get(place))
                .or(() -> Optional.ofNullable(schema.get(ITEMS)));
    }

    private static Optional<JsonNode> propertySchema(ObjectNode schema, String property) {
        return Optional.ofNullable(schema.path(PROPERTIES).get(property))
                .or(() -> Optional.ofNullable(schema.get(ADDITIONAL)));
    }

    /// Whether it is obvious that no value matches.
    private boolean isImpossible(ObjectNode merged, String where) {
        boolean noType = merged.get(TYPE) instanceof ArrayNode types && types.isEmpty();
        boolean noValue = merged.has(ENUM) && allowed(merged, where).isEmpty();
        return noType || noValue || (levels < LEVELS && lacksProperty(merged, where));
    }

    /// Whether a required property has no possible value.
    private boolean lacksProperty(ObjectNode merged, String where) {
        levels++;
        try {
            return each(merged.path(REQUIRED)).stream()
                    .map(name -> merged.path(PROPERTIES).path(name.stringValue("")))
                    .anyMatch(property -> !property.isMissingNode() && isFalse(plain(property, where)));
        } finally {
            levels--;
        }
    }

    private static boolean isFalse(JsonNode schema) {
        return schema.isBoolean() && !schema.booleanValue();
    }

    /// The values of an `enum` that have one of the schema's types and are within its bounds.
    static List<JsonNode> allowed(JsonNode schema, String where) {
        List<JsonNode> values = SchemaValues.all(schema, ENUM);
        List<String> types = schema.has(TYPE) ? SchemaKeywords.typesOf(schema, where) : List.of();
        return values.stream()
                .filter(value -> types.isEmpty() || SchemaKeywords.isAmong(SchemaKeywords.typeOf(value), types))
                .filter(value -> !value.isNumber() || isWithin(schema, value.decimalValue(), where))
                .filter(value -> !value.isString() || hasLength(schema, value.stringValue(), where))
                .toList();
    }

    private static boolean isWithin(JsonNode schema, BigDecimal value, String where) {
        for (String bound : NUMBER_BOUNDS) {
            if (schema.has(bound)) {
                int order = value.compareTo(number(schema.get(bound), bound, where));
                boolean isBeyond = GREATER.contains(bound) ? order < 0 : order > 0;
                if (isBeyond || (order == 0 && bound.startsWith("exclusive"))) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean hasLength(JsonNode schema, String value, String where) {
        int length = value.codePointCount(0, value.length());
        return length >= SchemaValues.count(schema, "minLength", where, 0)
                && length <= SchemaValues.count(schema, "maxLength", where, Integer.MAX_VALUE);
    }

    /// Whether {@link #allowed} evaluates a given keyword beside `enum`.
    static boolean isEnforcedWithEnum(String keyword) {
        return keyword.equals(ENUM)
                || keyword.equals(TYPE)
                || keyword.equals("minLength")
                || keyword.equals("maxLength")
                || NUMBER_BOUNDS.contains(keyword);
    }
}
