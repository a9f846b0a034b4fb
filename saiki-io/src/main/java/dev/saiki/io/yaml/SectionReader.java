package dev.saiki.io.yaml;

import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
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

/// A reader of the typed values in one section of a YAML file. The reader records which keys were read, and
/// reports all others.
///
/// A value of the wrong type is reported and treated as absent, so that reading continues. A key with an empty
/// value is absent. Numbers may be written in any of YAML's forms, including `3e-3`.
public final class SectionReader {

    private final String path;
    private final ObjectNode node;
    private final Problems problems;
    private final Set<String> known = new LinkedHashSet<>();

    /// Creates a reader of a whole file.
    ///
    /// @param tree the keys and values of the file
    /// @param problems collects all problems
    public SectionReader(ObjectNode tree, Problems problems) {
        this("", tree, problems);
    }

    private SectionReader(String path, ObjectNode node, Problems problems) {
        this.path = path;
        this.node = node;
        this.problems = problems;
    }

    /// Reads a whole file, and reports all its problems together.
    ///
    /// @param <T> the type of the file's content
    /// @param file a YAML file of keys and values, without aliases
    /// @param kind the kind of file in messages, such as `plan`
    /// @param content reads the file's sections
    /// @return the file's content
    /// @throws InputException if the file is missing, too long, not valid YAML, or anything in it is wrong
    public static <T> T readFile(Path file, String kind, Function<SectionReader, T> content) {
        ObjectNode tree = Yaml.parse(file.toString(), Yaml.text(file, kind));
        Problems problems = new Problems();
        Optional<T> result = new SectionReader(tree, problems).read(content);
        problems.throwIfAny(file.toString());
        return result.orElseThrow();
    }

    /// The full path of a key of this section.
    ///
    /// @param key the key
    /// @return a path such as `model.hidden_size`
    public String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /// A section inside this one; empty if it is absent.
    ///
    /// @param key the key of the section
    /// @return the reader of the section
    public SectionReader section(String key) {
        @Nullable JsonNode value = value(key);
        if (value instanceof ObjectNode object) {
            return new SectionReader(pathOf(key), object, problems);
        }
        if (value != null) {
            wrongType(key, "a section of keys and values", value);
        }
        return new SectionReader(pathOf(key), node.objectNode(), problems);
    }

    /// Reads a section and reports the keys that were not read.
    ///
    /// @param <T> the type of the section's content
    /// @param section the reader; an {@link InputException} that it throws is reported with the other
    ///     problems
    /// @return the reader's result; empty if the reader throws
    public <T> Optional<T> read(Function<SectionReader, T> section) {
        Optional<T> result = problems.attempt(() -> section.apply(this));
        refuseUnknownKeys();
        return result;
    }

    /// Reads a part of the section. If the part fails, the other keys can still be read.
    ///
    /// @param <T> the type of the part
    /// @param part the reader of the part; an {@link InputException} that it throws is reported with the
    ///     other problems
    /// @return the part's result; empty if the reader throws
    public <T> Optional<T> attempt(Supplier<T> part) {
        return problems.attempt(part::get);
    }

    /// Reports the keys that were not read.
    public void refuseUnknownKeys() {
        for (String key : node.propertyNames()) {
            if (!known.contains(key)) {
                problems.add("unknown key " + pathOf(key) + Suggestions.hint(key, known));
            }
        }
    }

    /// The names of all keys, for a section in which users choose the names. No key is then reported as unknown.
    ///
    /// @return the names in file order
    public List<String> keys() {
        known.addAll(node.propertyNames());
        return List.copyOf(node.propertyNames());
    }

    /// Reports a problem.
    ///
    /// @param problem message that says what is wrong and where, what is allowed, and what was found
    public void complain(String problem) {
        problems.add(problem);
    }

    /// The section itself, for a separate reader; the keys are not checked here.
    ///
    /// @return keys and values
    public ObjectNode raw() {
        known.addAll(node.propertyNames());
        return node;
    }

    /// A whole number.
    ///
    /// @param key the key
    /// @param defaultValue the value if the key is absent
    /// @return the number
    public long integer(String key, long defaultValue) {
        return optionalInteger(key).orElse(defaultValue);
    }

    /// A whole number that fits into 32 bits.
    ///
    /// @param key the key
    /// @param defaultValue the value if the key is absent
    /// @return the number
    public int smallInteger(String key, int defaultValue) {
        return Math.toIntExact(within(key, integer(key, defaultValue)));
    }

    /// A whole number that fits into 32 bits.
    ///
    /// @param key the key
    /// @return the number; empty if the key is absent
    public OptionalInt optionalSmallInteger(String key) {
        OptionalLong value = optionalInteger(key);
        return value.isEmpty() ? OptionalInt.empty() : OptionalInt.of((int) within(key, value.getAsLong()));
    }

    /// A whole number.
    ///
    /// @param key the key
    /// @return the number; empty if the key is absent
    public OptionalLong optionalInteger(String key) {
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

    /// A number.
    ///
    /// @param key the key
    /// @param defaultValue the value if the key is absent
    /// @return the number
    public double number(String key, double defaultValue) {
        return optionalNumber(key).orElse(defaultValue);
    }

    /// A number.
    ///
    /// @param key the key
    /// @return the number; empty if the key is absent
    public OptionalDouble optionalNumber(String key) {
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

    /// Reads a boolean.
    ///
    /// @param key the key of the boolean
    /// @param defaultValue the value if the key is absent or invalid
    /// @return the boolean
    public boolean flag(String key, boolean defaultValue) {
        @Nullable JsonNode value = value(key);
        if (value != null && !value.isBoolean()) {
            wrongType(key, "true or false", value);
        }
        return (value != null && value.isBoolean()) ? value.booleanValue() : defaultValue;
    }

    /// A path.
    ///
    /// @param key the key
    /// @return the path; empty if the key is absent
    public Optional<Path> path(String key) {
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

    /// A list of whole numbers.
    ///
    /// @param key the key
    /// @return the numbers; empty if the key is absent
    public List<Long> integers(String key) {
        return list(key, "a list of whole numbers", SectionReader::asLong);
    }

    /// A list of numbers.
    ///
    /// @param key the key
    /// @return the numbers; empty if the key is absent
    public List<Double> numbers(String key) {
        return list(
                key, "a list of numbers", element -> YamlNumbers.parse(element).map(BigDecimal::doubleValue));
    }

    /// A list of texts.
    ///
    /// @param key the key
    /// @return the texts; empty if the key is absent
    public List<String> texts(String key) {
        return list(key, "a list of texts", SectionReader::asText);
    }

    /// A list of sections.
    ///
    /// @param <T> the type of each section's content
    /// @param key the key
    /// @param section the reader; an {@link InputException} that it throws is reported with the other
    ///     problems
    /// @return the sections; empty if the key is absent or anything in its value is wrong
    public <T> List<T> sections(String key, Function<SectionReader, T> section) {
        List<ObjectNode> nodes = list(
                key,
                "a list of sections of keys and values",
                element -> element instanceof ObjectNode object ? Optional.of(object) : Optional.empty());
        List<T> sections = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            new SectionReader(pathOf(key) + "[" + i + "]", nodes.get(i), problems)
                    .read(section)
                    .ifPresent(sections::add);
        }
        return sections.size() == nodes.size() ? sections : List.of();
    }

    /// The value of a key, as text.
    ///
    /// @param key the key
    /// @return the text; empty if the key is absent
    public Optional<String> text(String key) {
        @Nullable JsonNode value = value(key);
        if (value == null) {
            return Optional.empty();
        }
        Optional<String> text = asText(value);
        if (text.isEmpty()) {
            wrongType(key, "a text", value);
        }
        return text;
    }

    private <T> List<T> list(String key, String allowed, Function<JsonNode, Optional<T>> read) {
        @Nullable JsonNode value = value(key);
        List<T> elements = new ArrayList<>();
        if (value == null) {
            return elements;
        }
        for (JsonNode element : value.isArray() ? value : node.arrayNode()) {
            read.apply(element).ifPresent(elements::add);
        }
        if (!value.isArray() || elements.size() != value.size()) {
            wrongType(key, allowed, value);
        }
        return elements;
    }

    /// A value from a closed set, selected by its spelling in YAML.
    ///
    /// @param <T> the type of the values
    /// @param key the key
    /// @param choices the values by their spelling
    /// @param defaultValue supplier of the value if the key is absent
    /// @return the value
    public <T> T choice(String key, Map<String, T> choices, Supplier<T> defaultValue) {
        @Nullable JsonNode value = value(key);
        if (value == null) {
            return defaultValue.get();
        }
        @Nullable T chosen = value.isString() ? choices.get(value.stringValue()) : null;
        if (chosen == null) {
            String near = value.isString() ? Suggestions.didYouMean(value.stringValue(), choices.keySet()) : "";
            wrongType(key, "one of " + String.join(", ", choices.keySet()), value + near);
            return defaultValue.get();
        }
        return chosen;
    }

    /// The spellings of an enum's constants: their names in lower case.
    ///
    /// @param <E> the enum
    /// @param type the class of the enum
    /// @return constants by spelling
    public static <E extends Enum<E>> SequencedMap<String, E> spellings(Class<E> type) {
        SequencedMap<String, E> spellings = new LinkedHashMap<>();
        for (E constant : type.getEnumConstants()) {
            spellings.put(spelling(constant), constant);
        }
        return spellings;
    }

    /// The spelling of an enum's constant in YAML.
    ///
    /// @param constant the constant of an enum
    /// @return the constant's name in lower case
    public static String spelling(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /// Whether a key has a value.
    ///
    /// @param key the key
    /// @return false if the key is absent or empty
    public boolean has(String key) {
        return value(key) != null;
    }

    /// Whether a key has a list as its value.
    ///
    /// @param key the key
    /// @return false if the key is absent, empty, or not a list
    public boolean isList(String key) {
        @Nullable JsonNode value = value(key);
        return value != null && value.isArray();
    }

    /// Whether the value of a key is a section.
    ///
    /// @param key the key
    /// @return false if the key is absent, empty, or has a value of another kind
    public boolean isSection(String key) {
        return value(key) instanceof ObjectNode;
    }

    /// Reports the value of a key as invalid.
    ///
    /// @param key the key
    /// @param allowed the allowed values
    /// @param got the actual value
    public void wrongType(String key, String allowed, Object got) {
        problems.add(pathOf(key) + " must be " + allowed + ", got " + got);
    }

    /// Returns the value of a key, of any type.
    ///
    /// @param key the key
    /// @return null if the key is absent or empty
    public @Nullable JsonNode value(String key) {
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

    private static Optional<String> asText(JsonNode value) {
        return value.isValueNode() && !value.asString().isBlank() ? Optional.of(value.asString()) : Optional.empty();
    }

    private static Optional<Long> asLong(JsonNode value) {
        try {
            return YamlNumbers.parse(value).map(BigDecimal::longValueExact);
        } catch (ArithmeticException notWhole) {
            return Optional.empty();
        }
    }
}
