package dev.saiki.convert.gguf;

import dev.saiki.io.InputException;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The metadata of a GGUF file, which are values by key; errors name the file and the key.
public record GgufMetadata(String where, SequencedMap<String, GgufValue> values) {

    public GgufMetadata {
        values = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(values));
    }

    Set<String> keys() {
        return values.keySet();
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    InputException wrong(String key, String allowed, Object got) {
        return InputException.of(where, key, allowed, got);
    }

    private InputException missing(String key) {
        return new InputException(where + ": " + key + " is missing");
    }

    Optional<String> text(String key) {
        return typed(key, GgufValue.Text.class, "a text", GgufValue.Text::value);
    }

    String requireText(String key) {
        return text(key).orElseThrow(() -> missing(key));
    }

    Optional<Integer> whole(String key) {
        @Nullable GgufValue value = values.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof GgufValue.Whole(long number, ValueType _) && number >= 0 && number <= Integer.MAX_VALUE) {
            return Optional.of((int) number);
        }
        throw wrong(key, "a whole number from 0 to " + Integer.MAX_VALUE, describe(value));
    }

    int requireWhole(String key) {
        return whole(key).orElseThrow(() -> missing(key));
    }

    /// Returns a number; a number stored as float32 is returned as the shortest decimal that rounds to that
    /// float32.
    Optional<Double> real(String key) {
        @Nullable GgufValue value = values.get(key);
        return switch (value) {
            case null -> Optional.empty();
            case GgufValue.Real(double number, ValueType type)
            when Double.isFinite(number) ->
                Optional.of(
                        type == ValueType.F32 ? new BigDecimal(Float.toString((float) number)).doubleValue() : number);
            case GgufValue.Whole(long number, ValueType _) -> Optional.of((double) number);
            default -> throw wrong(key, "a finite number", describe(value));
        };
    }

    Optional<Boolean> flag(String key) {
        return typed(key, GgufValue.Flag.class, "true or false", GgufValue.Flag::value);
    }

    Optional<List<String>> texts(String key) {
        return typed(key, GgufValue.Texts.class, "a list of texts", GgufValue.Texts::values);
    }

    List<String> requireTexts(String key) {
        return texts(key).orElseThrow(() -> missing(key));
    }

    Optional<long[]> wholes(String key) {
        return typed(key, GgufValue.Wholes.class, "a list of whole numbers", GgufValue.Wholes::values);
    }

    Optional<double[]> reals(String key) {
        return typed(key, GgufValue.Reals.class, "a list of numbers", GgufValue.Reals::values);
    }

    private <V extends GgufValue, T> Optional<T> typed(
            String key, Class<V> type, String allowed, Function<V, T> content) {
        @Nullable GgufValue value = values.get(key);
        if (value != null && !type.isInstance(value)) {
            throw wrong(key, allowed, describe(value));
        }
        return Optional.ofNullable(value).map(type::cast).map(content);
    }

    private static String describe(GgufValue value) {
        return switch (value) {
            case GgufValue.Whole whole -> String.valueOf(whole.value());
            case GgufValue.Real real -> String.valueOf(real.value());
            case GgufValue.Flag flag -> String.valueOf(flag.value());
            case GgufValue.Text text ->
                "'" + (text.value().length() <= 40 ? text.value() : text.value().substring(0, 37) + "...") + "'";
            case GgufValue.Wholes _, GgufValue.Reals _, GgufValue.Texts _ -> "a list";
        };
    }
}
