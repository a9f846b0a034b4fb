package dev.saiki.text.template;

import dev.saiki.io.InputException;
import dev.saiki.text.template.Arguments.Bound;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// The methods of strings and dictionaries that templates may use: a selection of Python's methods, none of which
/// changes a value.
final class Methods {

    private final Budget budget;
    private final Comparisons comparisons;

    Methods(Budget budget) {
        this.budget = budget;
        this.comparisons = new Comparisons(budget);
    }

    /// Finds a method.
    ///
    /// @param of the value with the method
    /// @return the method; empty if the value has no such method
    Optional<Value> find(Value of, String name) {
        return switch (of) {
            case Value.Text(String text) ->
                isOfText(name)
                        ? Optional.of(new Value.Function(name, arguments -> call(text, name, arguments)))
                        : Optional.empty();
            case Value.Fields fields ->
                List.of("get", "items", "keys", "values").contains(name)
                        ? Optional.of(new Value.Function(name, arguments -> call(fields, name, arguments)))
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static boolean isOfText(String name) {
        return switch (name) {
            case "strip", "lstrip", "rstrip", "upper", "lower", "title", "capitalize", "startswith", "endswith" -> true;
            case "split", "rsplit", "splitlines", "join", "replace", "find", "count", "isdigit" -> true;
            case "removeprefix", "removesuffix", "format" -> true;
            default -> false;
        };
    }

    private Value call(Value.Fields of, String name, Arguments arguments) {
        Map<Value, Value> fields = of.values();
        budget.chargeItems(fields.size());
        if (name.equals("get")) {
            Bound bound = arguments.bind(name, "key", "default");
            return of.find(bound.get("key")).or(() -> bound.find("default")).orElse(Value.None.NONE);
        }
        arguments.bind(name);
        return switch (name) {
            case "items" -> items(fields);
            case "keys" -> new Value.Items(List.copyOf(fields.keySet()));
            default -> new Value.Items(List.copyOf(fields.values()));
        };
    }

    /// The entries as pairs of key and value.
    static Value items(Map<Value, Value> fields) {
        return new Value.Items(fields.entrySet().stream()
                .<Value>map(field -> new Value.Items(List.of(field.getKey(), field.getValue())))
                .toList());
    }

    private Value call(String text, String name, Arguments arguments) {
        budget.charge(text.length());
        return switch (name) {
            case "strip", "lstrip", "rstrip" -> {
                Optional<String> characters = characters(arguments.bind(name, "chars"));
                yield new Value.Text(strip(text, characters, !name.equals("rstrip"), !name.equals("lstrip")));
            }
            case "startswith", "endswith" ->
                Value.of(anyOf(
                        arguments.bind(name, "prefix").get("prefix"),
                        part -> name.equals("startswith") ? text.startsWith(part) : text.endsWith(part)));
            case "split", "rsplit" -> split(text, arguments.bind(name, "sep", "maxsplit"), name.equals("rsplit"));
            case "splitlines" -> {
                arguments.bind(name);
                yield new Value.Items(text.lines().<Value>map(Value.Text::new).toList());
            }
            case "join" -> join(text, arguments.bind(name, "iterable").get("iterable"));
            case "replace" -> {
                Bound bound = arguments.bind(name, "old", "new", "count");
                yield new Value.Text(
                        replace(text, bound.text("old"), bound.text("new"), bound.integer("count", Long.MAX_VALUE)));
            }
            case "find" -> {
                int index =
                        comparisons.indexOf(text, arguments.bind(name, "sub").text("sub"));
                yield new Value.Int(index < 0 ? -1 : text.codePointCount(0, index));
            }
            case "count" ->
                new Value.Int(parts(text, arguments.bind(name, "sub").text("sub"), Long.MAX_VALUE)
                                .size()
                        - 1L);
            case "isdigit" -> {
                arguments.bind(name);
                yield Value.of(!text.isEmpty() && text.codePoints().allMatch(Character::isDigit));
            }
            case "format" -> new Value.Text(new Formatting(budget).braces(text, arguments));
            case "removeprefix" -> {
                String prefix = arguments.bind(name, "prefix").text("prefix");
                yield new Value.Text(text.startsWith(prefix) ? text.substring(prefix.length()) : text);
            }
            case "removesuffix" -> {
                String suffix = arguments.bind(name, "suffix").text("suffix");
                boolean there = text.endsWith(suffix);
                yield new Value.Text(there ? text.substring(0, text.length() - suffix.length()) : text);
            }
            default -> {
                arguments.bind(name);
                yield new Value.Text(cased(text, name));
            }
        };
    }

    /// Converts the case of a text.
    static String cased(String text, String how) {
        return switch (how) {
            case "upper" -> text.toUpperCase(Locale.ROOT);
            case "lower" -> text.toLowerCase(Locale.ROOT);
            case "capitalize" -> text.isEmpty() ? "" : capitalized(text);
            case "title" -> title(text);
            default -> throw new IllegalStateException(how);
        };
    }

    private static String capitalized(String text) {
        int first = text.offsetByCodePoints(0, 1);
        return text.substring(0, first).toUpperCase(Locale.ROOT)
                + text.substring(first).toLowerCase(Locale.ROOT);
    }

    private static String title(String text) {
        StringBuilder titled = new StringBuilder();
        boolean inside = false;
        for (int c : text.codePoints().toArray()) {
            titled.appendCodePoint(inside ? Character.toLowerCase(c) : Character.toTitleCase(c));
            inside = Character.isLetter(c);
        }
        return titled.toString();
    }

    private static Optional<String> characters(Bound bound) {
        return bound.find("chars")
                .filter(given -> !(given instanceof Value.None))
                .map(_ -> bound.text("chars"));
    }

    /// Strips characters from the ends.
    ///
    /// @param characters the characters to strip; empty for white space
    static String strip(String text, Optional<String> characters, boolean left, boolean right) {
        int from = 0;
        int to = text.length();
        while (left && from < to && goes(text.charAt(from), characters)) {
            from++;
        }
        while (right && to > from && goes(text.charAt(to - 1), characters)) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean goes(char c, Optional<String> characters) {
        return characters
                .map(given -> given.indexOf(c) >= 0)
                .orElseGet(() -> Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085');
    }

    private static boolean anyOf(Value texts, Predicate<String> holds) {
        return switch (texts) {
            case Value.Text(String text) -> holds.test(text);
            case Value.Items(List<Value> items) -> items.stream().anyMatch(item -> anyOf(item, holds));
            default -> throw new InputException("startswith and endswith need a string, got " + texts.kind());
        };
    }

    private Value split(String text, Bound bound, boolean fromRight) {
        long most = bound.integer("maxsplit", -1);
        List<String> parts;
        if (bound.find("sep").filter(given -> !(given instanceof Value.None)).isEmpty()) {
            InputException.require(most < 0, "split with maxsplit needs sep");
            budget.chargeItems(text.length());
            parts = Arrays.stream(text.strip().split("\\s+", -1))
                    .filter(part -> !part.isEmpty())
                    .toList();
        } else if (fromRight && most >= 0) {
            String separator = bound.text("sep");
            List<String> all = parts(text, separator, Long.MAX_VALUE);
            int joined = (int) Math.max(1, all.size() - most);
            parts = new ArrayList<>(List.of(String.join(separator, all.subList(0, joined))));
            parts.addAll(all.subList(joined, all.size()));
        } else {
            parts = parts(text, bound.text("sep"), most < 0 ? Long.MAX_VALUE : most);
        }
        return new Value.Items(parts.stream().<Value>map(Value.Text::new).toList());
    }

    /// Splits a text at most a given number of times.
    private List<String> parts(String text, String separator, long most) {
        InputException.require(!separator.isEmpty(), "the separator of split must not be empty");
        comparisons.indexOf(text, separator);
        List<String> parts = new ArrayList<>();
        int from = 0;
        int next = text.indexOf(separator);
        while (next >= 0 && parts.size() < most) {
            parts.add(text.substring(from, next));
            from = next + separator.length();
            next = text.indexOf(separator, from);
        }
        parts.add(text.substring(from));
        return parts;
    }

    String replace(String text, String old, String replacement, long most) {
        List<String> parts = parts(text, old, most < 0 ? Long.MAX_VALUE : most);
        budget.charge((long) parts.size() * replacement.length());
        return String.join(replacement, parts);
    }

    private Value join(String separator, Value items) {
        if (!(items instanceof Value.Items(List<Value> values))) {
            throw new InputException("join needs a list, got " + items.kind());
        }
        budget.charge((long) values.size() * separator.length());
        List<String> texts = new ArrayList<>();
        for (Value value : values) {
            if (!(value instanceof Value.Text(String text))) {
                throw new InputException("join needs strings, got " + value.kind());
            }
            texts.add(budget.charged(text));
        }
        return new Value.Text(String.join(separator, texts));
    }
}
