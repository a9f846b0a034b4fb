package dev.saiki.text.template;

import dev.saiki.io.InputException;
import dev.saiki.text.template.Arguments.Bound;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// The filters available to templates.
final class Filters {

    /// The filters by name.
    static final Map<String, Code> ALL = Map.ofEntries(
            Map.entry(
                    "trim",
                    (of, arguments, renderer) -> renderer.text(of, text -> {
                        Bound bound = arguments.bind("trim", "chars");
                        return Methods.strip(text, bound.find("chars").map(_ -> bound.text("chars")), true, true);
                    })),
            Map.entry("upper", cased("upper")),
            Map.entry("lower", cased("lower")),
            Map.entry("title", cased("title")),
            Map.entry("capitalize", cased("capitalize")),
            Map.entry(
                    "replace",
                    (of, arguments, renderer) -> renderer.text(of, text -> {
                        Bound bound = arguments.bind("replace", "old", "new", "count");
                        return renderer.methods()
                                .replace(
                                        text,
                                        bound.text("old"),
                                        bound.text("new"),
                                        bound.integer("count", Long.MAX_VALUE));
                    })),
            Map.entry("string", (of, arguments, renderer) -> {
                arguments.bind("string");
                return renderer.text(of, text -> text);
            }),
            Map.entry("escape", (of, arguments, renderer) -> {
                arguments.bind("escape");
                return renderer.text(of, Filters::escaped);
            }),
            Map.entry("safe", (of, arguments, _) -> {
                arguments.bind("safe");
                return of;
            }),
            Map.entry("indent", Filters::indent),
            Map.entry("tojson", Filters::toJson),
            Map.entry("length", (of, arguments, _) -> new Value.Int(length(of, arguments.bind("length")))),
            Map.entry("count", (of, arguments, _) -> new Value.Int(length(of, arguments.bind("count")))),
            Map.entry("first", (of, arguments, renderer) -> end("first", of, arguments, renderer, true)),
            Map.entry("last", (of, arguments, renderer) -> end("last", of, arguments, renderer, false)),
            Map.entry("list", (of, arguments, renderer) -> {
                arguments.bind("list");
                return new Value.Items(renderer.items(of));
            }),
            Map.entry("reverse", Filters::reverse),
            Map.entry("unique", Filters::unique),
            Map.entry("join", Filters::join),
            Map.entry("items", (of, arguments, _) -> {
                arguments.bind("items");
                // As in Jinja, an undefined value has no items.
                return Methods.items(of instanceof Value.Undefined ? Map.of() : fields("items", of));
            }),
            Map.entry("dictsort", SortFilters::dictionary),
            Map.entry("sort", SortFilters::sort),
            Map.entry("min", (of, arguments, renderer) -> SortFilters.extreme("min", of, arguments, renderer, false)),
            Map.entry("max", (of, arguments, renderer) -> SortFilters.extreme("max", of, arguments, renderer, true)),
            Map.entry("format", (of, arguments, renderer) -> {
                InputException.require(arguments.named().isEmpty(), "format takes no named arguments");
                return renderer.text(
                        of, text -> new Formatting(renderer.budget()).percent(text, arguments.positional()));
            }),
            Map.entry("default", Filters::otherwise),
            Map.entry("d", Filters::otherwise),
            Map.entry("int", (of, arguments, _) -> integer(of, arguments.bind("int", "default"))),
            Map.entry("float", (of, arguments, _) -> real(of, arguments.bind("float", "default"))),
            Map.entry("abs", Filters::absolute),
            Map.entry("map", Filters::map),
            Map.entry("select", (of, arguments, renderer) -> choose("select", of, arguments, renderer, true)),
            Map.entry("reject", (of, arguments, renderer) -> choose("reject", of, arguments, renderer, false)),
            Map.entry("selectattr", (of, arguments, renderer) -> chooseBy("selectattr", of, arguments, renderer, true)),
            Map.entry(
                    "rejectattr", (of, arguments, renderer) -> chooseBy("rejectattr", of, arguments, renderer, false)));

    private Filters() {}

    /// The code of a filter.
    @FunctionalInterface
    interface Code {

        /// Converts a value.
        Value apply(Value of, Arguments arguments, Renderer renderer);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace(">", "&gt;")
                .replace("<", "&lt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }

    private static Code cased(String how) {
        return (of, arguments, renderer) -> {
            arguments.bind(how);
            return renderer.text(of, text -> Methods.cased(text, how));
        };
    }

    static Map<Value, Value> fields(String filter, Value of) {
        if (of instanceof Value.Fields(Map<Value, Value> fields)) {
            return fields;
        }
        throw new InputException(filter + " needs a dictionary, got " + of.kind());
    }

    private static Value indent(Value of, Arguments arguments, Renderer renderer) {
        Bound bound = arguments.bind("indent", "width", "first", "blank");
        String spaces = " ".repeat(Math.clamp(bound.integer("width", 4), 0, 64));
        boolean first = bound.flag("first");
        boolean blank = bound.flag("blank");
        return renderer.text(of, text -> {
            List<String> lines = new ArrayList<>();
            for (String line : text.split("\n", -1)) {
                boolean moved = lines.isEmpty() ? first : blank || !line.isBlank();
                lines.add(renderer.budget().charged(moved ? spaces + line : line));
            }
            return String.join("\n", lines);
        });
    }

    /// As in the transformers library: no HTML escaping, and by default non-ASCII characters unchanged.
    private static Value toJson(Value of, Arguments arguments, Renderer renderer) {
        Bound bound = arguments.bind("tojson", "ensure_ascii", "indent", "separators", "sort_keys");
        int indent = given(bound, "indent").isEmpty() ? -1 : Math.clamp(bound.integer("indent", 0), 0, 16);
        List<String> separators = given(bound, "separators")
                .map(pair -> renderer.items(pair).stream()
                        .map(part -> PythonNotation.text(part, renderer.budget()))
                        .toList())
                .orElse(List.of(indent < 0 ? ", " : ",", ": "));
        InputException.require(separators.size() == 2, "tojson needs two separators");
        PythonNotation.JsonForm form = new PythonNotation.JsonForm(
                bound.flag("ensure_ascii"),
                indent,
                separators.getFirst(),
                separators.getLast(),
                bound.flag("sort_keys"));
        return new Value.Text(PythonNotation.json(of, form, renderer.budget()));
    }

    private static Optional<Value> given(Bound bound, String name) {
        return bound.find(name).filter(value -> !(value instanceof Value.None));
    }

    private static long length(Value of, Bound arguments) {
        return switch (of) {
            case Value.Text(String text) -> text.codePointCount(0, text.length());
            case Value.Items(List<Value> items) -> items.size();
            case Value.Fields(Map<Value, Value> fields) -> fields.size();
            case Value.Undefined _ -> 0;
            default -> throw new InputException(arguments.called() + " is not supported for " + of.kind());
        };
    }

    private static Value end(String name, Value of, Arguments arguments, Renderer renderer, boolean first) {
        arguments.bind(name);
        List<Value> items = renderer.items(of);
        if (items.isEmpty()) {
            return new Value.Undefined(name);
        }
        return first ? items.getFirst() : items.getLast();
    }

    private static Value reverse(Value of, Arguments arguments, Renderer renderer) {
        arguments.bind("reverse");
        if (of instanceof Value.Text(String text)) {
            return new Value.Text(
                    renderer.budget().charged(new StringBuilder(text).reverse().toString()));
        }
        return new Value.Items(renderer.items(of).reversed());
    }

    private static Value unique(Value of, Arguments arguments, Renderer renderer) {
        arguments.bind("unique");
        List<Value> unique = new ArrayList<>();
        for (Value item : renderer.items(of)) {
            if (unique.stream().noneMatch(known -> renderer.comparisons().equal(known, item))) {
                unique.add(item);
            }
        }
        return new Value.Items(unique);
    }

    private static Value join(Value of, Arguments arguments, Renderer renderer) {
        Bound bound = arguments.bind("join", "d", "attribute");
        String separator = bound.text("d", "");
        List<String> texts = new ArrayList<>();
        for (Value item : renderer.items(of)) {
            Value part = bound.find("attribute").isPresent() ? renderer.attribute(item, bound.text("attribute")) : item;
            texts.add(renderer.budget().charged(PythonNotation.text(part, renderer.budget()) + separator));
        }
        String joined = String.join("", texts);
        return new Value.Text(texts.isEmpty() ? "" : joined.substring(0, joined.length() - separator.length()));
    }

    private static Value otherwise(Value of, Arguments arguments, Renderer renderer) {
        Bound bound = arguments.bind("default", "default_value", "boolean");
        boolean falseToo = bound.flag("boolean");
        boolean missing = of instanceof Value.Undefined || (falseToo && !of.isTrue());
        renderer.budget().charge(1);
        return missing ? bound.find("default_value").orElse(new Value.Text("")) : of;
    }

    private static Value integer(Value of, Bound bound) {
        Value otherwise = bound.find("default").orElse(new Value.Int(0));
        if (of instanceof Value.Text(String text)) {
            return text.strip().matches("[+-]?[0-9]{1,18}") ? new Value.Int(Long.parseLong(text.strip())) : otherwise;
        }
        OptionalDouble number = Comparisons.number(of);
        if (Comparisons.isWhole(of) || number.isEmpty() || Double.isNaN(number.getAsDouble())) {
            return Comparisons.isWhole(of) ? of : otherwise;
        }
        return new Value.Int((long) number.getAsDouble());
    }

    private static Value real(Value of, Bound bound) {
        Value otherwise = bound.find("default").orElse(new Value.Real(0));
        if (of instanceof Value.Text(String text)) {
            return text.strip().matches("[+-]?[0-9]{1,18}(\\.[0-9]{1,18})?")
                    ? new Value.Real(Double.parseDouble(text.strip()))
                    : otherwise;
        }
        OptionalDouble number = Comparisons.number(of);
        return number.isEmpty() ? otherwise : new Value.Real(number.getAsDouble());
    }

    private static Value absolute(Value of, Arguments arguments, Renderer renderer) {
        arguments.bind("abs");
        renderer.budget().charge(1);
        return switch (of) {
            case Value.Int(long number) -> new Value.Int(Math.abs(number));
            case Value.Big(BigInteger number) -> new Value.Big(number.abs());
            case Value.Real(double number) -> new Value.Real(Math.abs(number));
            default -> throw new InputException("abs needs a number, got " + of.kind());
        };
    }

    /// Maps each item to an attribute, or to the result of another filter.
    private static Value map(Value of, Arguments arguments, Renderer renderer) {
        if (arguments.positional().isEmpty()) {
            Bound bound = arguments.bind("map", "filter", "attribute", "default");
            String attribute = bound.text("attribute");
            return each(of, renderer, item -> {
                Value part = renderer.attribute(item, attribute);
                Optional<Value> otherwise = bound.find("default");
                return part instanceof Value.Undefined && otherwise.isPresent() ? otherwise.get() : part;
            });
        }
        String name = new Arguments(arguments.positional().subList(0, 1), Map.of())
                .bind("map", "filter")
                .text("filter");
        Code filter = Optional.ofNullable(ALL.get(name))
                .orElseThrow(() -> new InputException("the filter " + name + " is not supported"));
        Arguments rest = rest(arguments, 1);
        return each(of, renderer, item -> filter.apply(item, rest, renderer));
    }

    private static Value each(Value of, Renderer renderer, UnaryOperator<Value> change) {
        return new Value.Items(itemsIfAny(of, renderer).stream().map(change).toList());
    }

    /// As in Jinja, a value that is false, such as none, has no items for these filters.
    private static List<Value> itemsIfAny(Value of, Renderer renderer) {
        return of.isTrue() ? renderer.items(of) : List.of();
    }

    private static Arguments rest(Arguments arguments, int from) {
        return new Arguments(
                arguments.positional().subList(from, arguments.positional().size()), arguments.named());
    }

    /// Keeps the items that pass a test or, if `wanted` is false, those that fail it; without a test, an item that
    /// is true passes.
    private static Value choose(String name, Value of, Arguments arguments, Renderer renderer, boolean wanted) {
        return kept(of, renderer, item -> passes(name, item, arguments, renderer) == wanted);
    }

    private static Value kept(Value of, Renderer renderer, Predicate<Value> wanted) {
        return new Value.Items(itemsIfAny(of, renderer).stream().filter(wanted).toList());
    }

    private static Value chooseBy(String name, Value of, Arguments arguments, Renderer renderer, boolean wanted) {
        if (arguments.positional().isEmpty()
                || !(arguments.positional().getFirst() instanceof Value.Text(String attribute))) {
            throw new InputException(name + " needs the name of an attribute");
        }
        Arguments test = rest(arguments, 1);
        return kept(of, renderer, item -> passes(name, renderer.attribute(item, attribute), test, renderer) == wanted);
    }

    private static boolean passes(String filter, Value item, Arguments arguments, Renderer renderer) {
        renderer.budget().charge(1);
        if (arguments.positional().isEmpty()) {
            return item.isTrue();
        }
        String name = arguments.positional().getFirst() instanceof Value.Text(String text) ? text : "";
        return Optional.ofNullable(Tests.ALL.get(name))
                .orElseThrow(() -> new InputException(filter + " uses an unsupported test"))
                .holds(item, rest(arguments, 1), renderer);
    }
}
