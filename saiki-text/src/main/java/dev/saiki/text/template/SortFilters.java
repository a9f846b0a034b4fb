package dev.saiki.text.template;

import dev.saiki.text.template.Arguments.Bound;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// The filters that order values. As in Jinja, the case of letters is ignored by default.
final class SortFilters {

    private SortFilters() {}

    static Value sort(Value of, Arguments arguments, Renderer renderer) {
        Bound bound = arguments.bind("sort", "reverse", "case_sensitive", "attribute");
        Comparator<Value> order = order(bound, renderer, item -> attribute(item, bound, renderer));
        return new Value.Items(renderer.items(of).stream()
                .sorted(bound.flag("reverse") ? order.reversed() : order)
                .toList());
    }

    /// The smallest or the largest item, the first one of several.
    static Value extreme(String name, Value of, Arguments arguments, Renderer renderer, boolean largest) {
        Bound bound = arguments.bind(name, "case_sensitive", "attribute");
        Comparator<Value> order = order(bound, renderer, item -> attribute(item, bound, renderer));
        return renderer.items(of).stream()
                .reduce((best, item) ->
                        (largest ? order.compare(item, best) > 0 : order.compare(item, best) < 0) ? item : best)
                .orElseGet(() -> new Value.Undefined(name));
    }

    static Value dictionary(Value of, Arguments arguments, Renderer renderer) {
        Bound bound = arguments.bind("dictsort", "case_sensitive", "by", "reverse");
        boolean byValue = bound.text("by", "key").equals("value");
        Comparator<Value> values = order(bound, renderer, value -> value);
        Comparator<Map.Entry<Value, Value>> order =
                byValue ? Map.Entry.comparingByValue(values) : Map.Entry.comparingByKey(values);
        List<Map.Entry<Value, Value>> sorted = Filters.fields("dictsort", of).entrySet().stream()
                .sorted(bound.flag("reverse") ? order.reversed() : order)
                .toList();
        return Methods.items(sorted.stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, _) -> a, LinkedHashMap::new)));
    }

    private static Value attribute(Value item, Bound bound, Renderer renderer) {
        return bound.find("attribute").isPresent() ? renderer.attribute(item, bound.text("attribute")) : item;
    }

    private static Comparator<Value> order(Bound bound, Renderer renderer, UnaryOperator<Value> key) {
        boolean exact = bound.flag("case_sensitive");
        UnaryOperator<Value> folded = value -> !exact && key.apply(value) instanceof Value.Text(String text)
                ? new Value.Text(renderer.budget().charged(text).toLowerCase(Locale.ROOT))
                : key.apply(value);
        return (a, b) -> renderer.comparisons().order(folded.apply(a), folded.apply(b));
    }
}
