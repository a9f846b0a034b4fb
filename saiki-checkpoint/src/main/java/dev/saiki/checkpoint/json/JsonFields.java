package dev.saiki.checkpoint.json;

import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import dev.saiki.io.Suggestions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Typed access to the keys of one JSON object; messages name the key with its path, not the file.
///
/// A null value counts as absent, because Hugging Face writes null for unset keys. A value of the wrong type is
/// refused or, if problems are collected, reported and treated as absent, so that reading continues.
public record JsonFields(JsonNode object, String prefix, Optional<Problems> problems) {

    public static JsonFields of(JsonNode object) {
        return of(object, Optional.empty());
    }

    /// Reads an object and collects all problems.
    public static JsonFields gathering(JsonNode object, Problems problems) {
        return of(object, Optional.of(problems));
    }

    private static JsonFields of(JsonNode object, Optional<Problems> problems) {
        if (!object.isObject()) {
            throw ValueChecks.wrong("the top level", "a JSON object", describe(object));
        }
        return new JsonFields(object, "", problems);
    }

    /// Reports a problem, or throws it if problems are not collected.
    public void complain(InputException mistake) {
        Optional<Object> _ = refuse(mistake);
    }

    private <T> Optional<T> refuse(InputException mistake) {
        mistake.problems().forEach(problems.orElseThrow(() -> mistake)::add);
        return Optional.empty();
    }

    private <T> Optional<T> read(Supplier<T> value) {
        try {
            return Optional.of(value.get());
        } catch (InputException mistake) {
            return refuse(mistake);
        }
    }

    public String path(String key) {
        return prefix + key;
    }

    public Optional<JsonFields> object(String key) {
        return value(key)
                .flatMap(child -> child.isObject()
                        ? Optional.of(new JsonFields(child, path(key) + ".", problems))
                        : refuse(ValueChecks.wrong(path(key), "a JSON object", describe(child))));
    }

    public Collection<String> keys() {
        return object.propertyNames();
    }

    public Optional<JsonNode> value(String key) {
        @Nullable JsonNode child = object.get(key);
        return child == null || child.isNull() ? Optional.empty() : Optional.of(child);
    }

    public int requireInt(String key) {
        return optionalInt(key).orElseThrow(() -> missing(key));
    }

    /// A required number; if problems are collected, a missing or invalid number is reported, and the given
    /// number replaces it.
    public int requireInt(String key, int standIn) {
        return require(key, optionalInt(key)).orElse(standIn);
    }

    public Optional<Integer> optionalInt(String key) {
        return optionalLong(key)
                .flatMap(number -> number == number.intValue()
                        ? Optional.of(number.intValue())
                        : refuse(ValueChecks.wrong(path(key), "a 32-bit whole number", number)));
    }

    public Optional<Long> optionalLong(String key) {
        return value(key)
                .flatMap(child -> child.isIntegralNumber() && child.canConvertToLong()
                        ? Optional.of(child.longValue())
                        : refuse(ValueChecks.wrong(path(key), "a whole number", describe(child))));
    }

    public Optional<Double> optionalDouble(String key) {
        return value(key).flatMap(child -> read(() -> number(path(key), child)));
    }

    public Optional<Boolean> optionalBoolean(String key) {
        return value(key)
                .flatMap(child -> child.isBoolean()
                        ? Optional.of(child.booleanValue())
                        : refuse(ValueChecks.wrong(path(key), "true or false", describe(child))));
    }

    public String requireString(String key) {
        return optionalString(key).orElseThrow(() -> missing(key));
    }

    public Optional<String> optionalString(String key) {
        return value(key)
                .flatMap(child -> child.isString()
                        ? Optional.of(child.stringValue())
                        : refuse(ValueChecks.wrong(path(key), "a string", describe(child))));
    }

    public <E> Optional<E> optionalChoice(String key, BiFunction<String, String, E> fromKey) {
        return optionalString(key).flatMap(spelling -> read(() -> fromKey.apply(spelling, path(key))));
    }

    public Optional<List<Double>> optionalDoubles(String key) {
        return value(key).flatMap(child -> read(() -> numbers(path(key), child)));
    }

    /// Returns the value of a required key, and reports the key if it is absent.
    public <T> Optional<T> require(String key, Optional<T> read) {
        return read.isPresent() || value(key).isPresent() ? read : refuse(missing(key));
    }

    /// Refuses every unknown key.
    public void requireKnown(Collection<String> known) {
        for (String key : object.propertyNames()) {
            if (!known.contains(key)) {
                complain(new InputException(path(key) + " is not a known key" + Suggestions.hint(key, known)));
            }
        }
    }

    public InputException missing(String key) {
        return new InputException(path(key) + " is missing");
    }

    private static List<Double> numbers(String path, JsonNode list) {
        if (!list.isArray()) {
            throw ValueChecks.wrong(path, "a list of numbers", describe(list));
        }
        List<Double> numbers = new ArrayList<>(list.size());
        for (JsonNode entry : list) {
            numbers.add(number(path + "[" + numbers.size() + "]", entry));
        }
        return List.copyOf(numbers);
    }

    private static double number(String path, JsonNode node) {
        if (!node.isNumber()) {
            throw ValueChecks.wrong(path, "a number", describe(node));
        }
        double value = node.numberValue().doubleValue();
        if (!Double.isFinite(value)) {
            throw ValueChecks.wrong(path, "a finite number", describe(node));
        }
        return value;
    }

    /// Formats a value for an error message, truncated if it is long.
    public static String describe(JsonNode node) {
        String text = node.isMissingNode() ? "nothing" : node.toString();
        return text.length() <= 60 ? text : text.substring(0, 57) + "...";
    }
}
