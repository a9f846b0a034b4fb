package dev.saiki.checkpoint.json;

import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Typed access to the keys of one JSON object; the messages name the key with its path, not the file.
///
/// A key whose value is null counts as absent, as Hugging Face writes what is not set.
public final class JsonFields {

    private final JsonNode object;
    private final String prefix;

    private JsonFields(JsonNode object, String prefix) {
        this.object = object;
        this.prefix = prefix;
    }

    public static JsonFields of(JsonNode object) {
        if (!object.isObject()) {
            throw ValueChecks.wrong("the top level", "a JSON object", describe(object));
        }
        return new JsonFields(object, "");
    }

    public String path(String key) {
        return prefix + key;
    }

    public Optional<JsonFields> object(String key) {
        return value(key).map(child -> {
            if (!child.isObject()) {
                throw ValueChecks.wrong(path(key), "a JSON object", describe(child));
            }
            return new JsonFields(child, path(key) + ".");
        });
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

    public Optional<Integer> optionalInt(String key) {
        return optionalLong(key).map(number -> {
            if (number != number.intValue()) {
                throw ValueChecks.wrong(path(key), "a whole number of 32 bits", number);
            }
            return number.intValue();
        });
    }

    public Optional<Long> optionalLong(String key) {
        return value(key).map(child -> {
            if (!child.isIntegralNumber() || !child.canConvertToLong()) {
                throw ValueChecks.wrong(path(key), "a whole number", describe(child));
            }
            return child.longValue();
        });
    }

    public double requireDouble(String key) {
        return optionalDouble(key).orElseThrow(() -> missing(key));
    }

    public Optional<Double> optionalDouble(String key) {
        return value(key).map(child -> number(path(key), child));
    }

    public Optional<Boolean> optionalBoolean(String key) {
        return value(key).map(child -> {
            if (!child.isBoolean()) {
                throw ValueChecks.wrong(path(key), "true or false", describe(child));
            }
            return child.booleanValue();
        });
    }

    public String requireString(String key) {
        return optionalString(key).orElseThrow(() -> missing(key));
    }

    public Optional<String> optionalString(String key) {
        return value(key).map(child -> {
            if (!child.isString()) {
                throw ValueChecks.wrong(path(key), "a string", describe(child));
            }
            return child.stringValue();
        });
    }

    public <E> Optional<E> optionalChoice(String key, BiFunction<String, String, E> fromKey) {
        return optionalString(key).map(spelling -> fromKey.apply(spelling, path(key)));
    }

    public Optional<List<Double>> optionalDoubles(String key) {
        return value(key).map(child -> {
            if (!child.isArray()) {
                throw ValueChecks.wrong(path(key), "a list of numbers", describe(child));
            }
            List<Double> numbers = new ArrayList<>(child.size());
            for (JsonNode entry : child) {
                numbers.add(number(path(key) + "[" + numbers.size() + "]", entry));
            }
            return List.copyOf(numbers);
        });
    }

    /// Refuses every key that is not known.
    public void requireKnown(Collection<String> known) {
        for (String key : object.propertyNames()) {
            if (!known.contains(key)) {
                throw new InputException(path(key) + " is not a known key" + Suggestions.hint(key, known));
            }
        }
    }

    public InputException missing(String key) {
        return new InputException(path(key) + " is missing");
    }

    private static double number(String path, JsonNode node) {
        if (!node.isNumber()) {
            throw ValueChecks.wrong(path, "a number", describe(node));
        }
        double value = node.doubleValue();
        if (!Double.isFinite(value)) {
            throw ValueChecks.wrong(path, "a finite number", describe(node));
        }
        return value;
    }

    /// Writes a value for an error message, cut short if it is long.
    public static String describe(JsonNode node) {
        String text = node.isMissingNode() ? "nothing" : node.toString();
        return text.length() <= 60 ? text : text.substring(0, 57) + "...";
    }
}
