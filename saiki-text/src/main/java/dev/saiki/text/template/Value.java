package dev.saiki.text.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The value of an expression. No value exposes a Java object.
sealed interface Value {

    /// Python's `None`.
    record None() implements Value {
        static final None NONE = new None();
    }

    /// An undefined value.
    ///
    /// @param name the name that was looked up
    record Undefined(String name) implements Value {}

    /// A boolean.
    record Bool(boolean value) implements Value {
        static final Bool TRUE = new Bool(true);
        static final Bool FALSE = new Bool(false);
    }

    /// An integer.
    record Int(long value) implements Value {}

    /// An integer beyond 64 bits.
    record Big(BigInteger value) implements Value {}

    /// Any other number.
    record Real(double value) implements Value {}

    /// A string.
    record Text(String value) implements Value {}

    /// A list or tuple, unmodifiable.
    record Items(List<Value> values) implements Value {}

    /// An ordered dictionary, unmodifiable; its keys are strings and integers.
    record Fields(Map<Value, Value> values) implements Value {

        static Fields named(Map<String, Value> values) {
            Map<Value, Value> fields = new LinkedHashMap<>();
            values.forEach((name, value) -> fields.put(new Text(name), value));
            return new Fields(fields);
        }

        /// Finds a field. A list cannot be a key, because hashing it could take very long.
        Optional<Value> find(Value key) {
            return key instanceof Text || key instanceof Int ? Optional.ofNullable(values.get(key)) : Optional.empty();
        }
    }

    /// A namespace: the only mutable value. Names that a loop sets in it still exist after the loop.
    record Namespace(Map<String, Value> values) implements Value {}

    /// A function.
    record Function(String name, Code code) implements Value {}

    /// The code of a function.
    @FunctionalInterface
    interface Code {

        /// Calls the function.
        Value call(Arguments arguments);
    }

    static Value of(boolean value) {
        return value ? Bool.TRUE : Bool.FALSE;
    }

    /// Converts JSON.
    static Value of(JsonNode node) {
        if (node.isObject()) {
            Map<Value, Value> fields = new LinkedHashMap<>();
            node.properties().forEach(field -> fields.put(new Text(field.getKey()), of(field.getValue())));
            return new Fields(fields);
        }
        if (node.isArray()) {
            List<Value> items = new ArrayList<>();
            node.values().forEach(item -> items.add(of(item)));
            return new Items(items);
        }
        if (node.isIntegralNumber()) {
            return node.canConvertToLong() ? new Int(node.longValue()) : new Big(node.bigIntegerValue());
        }
        if (node.isNumber()) {
            return new Real(node.numberValue().doubleValue());
        }
        if (node.isBoolean()) {
            return of(node.booleanValue());
        }
        return node.isString() ? new Text(node.stringValue()) : None.NONE;
    }

    /// Whether the value counts as true in a condition.
    default boolean isTrue() {
        return switch (this) {
            case None _, Undefined _ -> false;
            case Bool(boolean value) -> value;
            case Int(long value) -> value != 0;
            case Big _ -> true;
            case Real(double value) -> value != 0;
            case Text(String value) -> !value.isEmpty();
            case Items(List<Value> values) -> !values.isEmpty();
            case Fields(Map<Value, Value> values) -> !values.isEmpty();
            case Namespace _, Function _ -> true;
        };
    }

    /// The type's name in messages.
    default String kind() {
        return switch (this) {
            case None _ -> "none";
            case Undefined(String name) -> "'" + name + "', which is undefined";
            case Bool _ -> "a boolean";
            case Int _, Big _, Real _ -> "a number";
            case Text _ -> "a string";
            case Items _ -> "a list";
            case Fields _ -> "a dictionary";
            case Namespace _ -> "a namespace";
            case Function(String name, Code _) -> "the function " + name;
        };
    }
}
