package dev.saiki.train.recipe;

import dev.saiki.io.Suggestions;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads the typed values of one section, remembers which keys it was asked for, and reports the others.
///
/// A value of the wrong type is reported and read as if it had been left out, so that reading goes on. A key with an
/// empty value counts as left out. Numbers may be written in any of YAML's forms, `3e-3` among them.
final class SectionReader {

    private final String path;
    private final ObjectNode node;
    private final Problems problems;
    private final Set<String> known = new LinkedHashSet<>();

    SectionReader(String path, ObjectNode node, Problems problems) {
        this.path = path;
        this.node = node;
        this.problems = problems;
    }

    /// The full path of a key of this section.
    String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /// A section inside this one; empty if it is left out.
    SectionReader section(String key) {
        @Nullable JsonNode value = value(key);
        if (value instanceof ObjectNode object) {
            return new SectionReader(pathOf(key), object, problems);
        }
        if (value != null) {
            wrongType(key, "a section of keys and values", value);
        }
        return new SectionReader(pathOf(key), node.objectNode(), problems);
    }

    /// Reads a section and complains about the keys that were not asked for.
    <T> Optional<T> read(Function<SectionReader, T> section) {
        Optional<T> result = problems.attempt(() -> section.apply(this));
        refuseUnknownKeys();
        return result;
    }

    /// Complains about the keys that were not asked for.
    void refuseUnknownKeys() {
        for (String key : node.propertyNames()) {
            if (!known.contains(key)) {
                problems.add("unknown key " + pathOf(key) + Suggestions.hint(key, known));
            }
        }
    }

    /// The section as it stands, for a reader of its own; its keys are then not checked here.
    ObjectNode raw() {
        known.addAll(node.propertyNames());
        return node;
    }

    long integer(String key, long defaultValue) {
        return optionalInteger(key).orElse(defaultValue);
    }

    int smallInteger(String key, int defaultValue) {
        return Math.toIntExact(within(key, integer(key, defaultValue)));
    }

    OptionalInt optionalSmallInteger(String key) {
        OptionalLong value = optionalInteger(key);
        return value.isEmpty() ? OptionalInt.empty() : OptionalInt.of((int) within(key, value.getAsLong()));
    }

    OptionalLong optionalInteger(String key) {
        @Nullable JsonNode value = value(key);
        if (value == null) {
            return OptionalLong.empty();
        }
        Optional<Long> number = asLong(value);
        if (number.isEmpty()) {
            wrongType(key, "a whole number", value);
            return OptionalLong.empty();
        }
        return OptionalLong.of(number.get());
    }

    double number(String key, double defaultValue) {
        return optionalNumber(key).orElse(defaultValue);
    }

    OptionalDouble optionalNumber(String key) {
        @Nullable JsonNode value = value(key);
        if (value == null) {
            return OptionalDouble.empty();
        }
        Optional<BigDecimal> number = YamlNumbers.parse(value);
        if (number.isEmpty()) {
            wrongType(key, "a number", value);
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(number.get().doubleValue());
    }

    boolean flag(String key, boolean defaultValue) {
        @Nullable JsonNode value = value(key);
        if (value != null && !value.isBoolean()) {
            wrongType(key, "true or false", value);
        }
        return (value != null && value.isBoolean()) ? value.booleanValue() : defaultValue;
    }

    Optional<Path> path(String key) {
        @Nullable JsonNode value = value(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isValueNode() || value.asString().isBlank()) {
            wrongType(key, "a path", value);
            return Optional.empty();
        }
        try {
            return Optional.of(Path.of(value.asString()));
        } catch (InvalidPathException e) {
            wrongType(key, "a path", value);
            return Optional.empty();
        }
    }

    List<Long> integers(String key) {
        @Nullable JsonNode value = value(key);
        List<Long> numbers = new ArrayList<>();
        if (value == null) {
            return numbers;
        }
        for (JsonNode element : value.isArray() ? value : node.arrayNode()) {
            asLong(element).ifPresent(numbers::add);
        }
        if (!value.isArray() || numbers.size() != value.size()) {
            wrongType(key, "a list of whole numbers", value);
        }
        return numbers;
    }

    /// A value of a closed set, by its spelling in YAML.
    <T> T choice(String key, Map<String, T> choices, Supplier<T> defaultValue) {
        @Nullable JsonNode value = value(key);
        if (value == null) {
            return defaultValue.get();
        }
        @Nullable T chosen = value.isString() ? choices.get(value.stringValue()) : null;
        if (chosen == null) {
            wrongType(key, "one of " + String.join(", ", choices.keySet()), value);
            return defaultValue.get();
        }
        return chosen;
    }

    /// The spellings of an enum's constants: their names in lower case.
    static <E extends Enum<E>> SequencedMap<String, E> spellings(Class<E> type) {
        SequencedMap<String, E> spellings = new LinkedHashMap<>();
        for (E constant : type.getEnumConstants()) {
            spellings.put(spelling(constant), constant);
        }
        return spellings;
    }

    /// How an enum's constant is spelled in YAML.
    static String spelling(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /// Whether a key is there with a value of its own.
    boolean has(String key) {
        return value(key) != null;
    }

    void wrongType(String key, String allowed, Object got) {
        problems.add(pathOf(key) + " must be " + allowed + ", got " + got);
    }

    @Nullable
    JsonNode value(String key) {
        known.add(key);
        @Nullable JsonNode value = node.get(key);
        return value == null || value.isNull() ? null : value;
    }

    private long within(String key, long value) {
        if (value != (int) value) {
            wrongType(key, "a whole number of at most " + Integer.MAX_VALUE, value);
            return 1;
        }
        return value;
    }

    private static Optional<Long> asLong(JsonNode value) {
        try {
            return YamlNumbers.parse(value).map(BigDecimal::longValueExact);
        } catch (ArithmeticException notWhole) {
            return Optional.empty();
        }
    }
}
