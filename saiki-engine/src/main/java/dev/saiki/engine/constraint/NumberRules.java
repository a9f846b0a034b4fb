package dev.saiki.engine.constraint;

import dev.saiki.engine.constraint.NumberBounds.Bound;
import dev.saiki.io.InputException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The rules of numbers within the bounds of a schema.
final class NumberRules {

    private static final String MULTIPLE = "multipleOf";

    /// The formats that name the integer or floating-point type of a number, as in OpenAPI.
    private static final Map<String, Optional<NumberBounds>> FORMATS = Map.of(
            "int32", Optional.of(bits(31)),
            "int64", Optional.of(bits(63)),
            "float", Optional.empty(),
            "double", Optional.empty());

    private final Grammar.Builder builder;
    private final JsonRules json;
    private final Relaxation relaxation;
    private final Map<NumberBounds, Integer> known = new HashMap<>();

    NumberRules(Grammar.Builder builder, JsonRules json, Relaxation relaxation) {
        this.builder = builder;
        this.json = json;
        this.relaxation = relaxation;
    }

    private static NumberBounds bits(int bits) {
        BigDecimal end = BigDecimal.TWO.pow(bits);
        return new NumberBounds(
                true, Optional.of(new Bound(end.negate(), true)), Optional.of(new Bound(end, false)), List.of());
    }

    /// The rule for the numbers of a schema.
    ///
    /// @param whole whether the numbers are integers
    int rule(JsonNode node, boolean whole, String where) {
        NumberBounds bounds = bounds(node, whole, where);
        Integer made = known.get(bounds);
        if (made == null) {
            made = made(bounds, node, where);
            known.put(bounds, made);
        }
        return made;
    }

    private int made(NumberBounds bounds, JsonNode node, String where) {
        if (bounds.isOpen()) {
            return bounds.whole() ? json.integer() : json.number();
        }
        try {
            return new AutomatonRules(builder, CodePointRules.plain(builder)).rule(NumberAutomata.of(bounds));
        } catch (InputException tooMuch) {
            String why = String.valueOf(tooMuch.getMessage());
            if (!bounds.factors().isEmpty()) {
                relaxation.ignoreAfterAttempt(where, MULTIPLE, "is not supported here: " + why);
                return made(new NumberBounds(bounds.whole(), bounds.least(), bounds.most(), List.of()), node, where);
            }
            for (String bound : List.of("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")) {
                if (node.has(bound)) {
                    relaxation.ignoreAfterAttempt(where, bound, "is not supported here: " + why);
                }
            }
            return bounds.whole() ? json.integer() : json.number();
        }
    }

    private NumberBounds bounds(JsonNode node, boolean whole, String where) {
        List<Bound> least = new ArrayList<>();
        List<Bound> most = new ArrayList<>();
        number(node, "minimum", where).ifPresent(value -> least.add(new Bound(value, true)));
        number(node, "exclusiveMinimum", where).ifPresent(value -> least.add(new Bound(value, false)));
        number(node, "maximum", where).ifPresent(value -> most.add(new Bound(value, true)));
        number(node, "exclusiveMaximum", where).ifPresent(value -> most.add(new Bound(value, false)));
        for (JsonNode format : SchemaValues.all(node, "format")) {
            String name = SchemaValues.text(format, where + "/format");
            if (FORMATS.containsKey(name)) {
                FORMATS.getOrDefault(name, Optional.empty()).ifPresent(fits -> {
                    fits.least().ifPresent(least::add);
                    fits.most().ifPresent(most::add);
                });
            } else {
                relaxation.ignore(
                        where,
                        "format",
                        "of a number must be one of " + SchemaKeywords.sorted(FORMATS.keySet()) + ", got " + name);
            }
        }
        return NumberBounds.withinDigits(
                whole,
                least.stream().reduce((one, other) -> isNarrower(one, other, true) ? one : other),
                most.stream().reduce((one, other) -> isNarrower(one, other, false) ? one : other),
                factors(node, where));
    }

    private static boolean isNarrower(Bound one, Bound other, boolean isLower) {
        int order =
                isLower ? one.value().compareTo(other.value()) : other.value().compareTo(one.value());
        return order > 0 || (order == 0 && !one.inclusive());
    }

    private static Optional<BigDecimal> number(JsonNode node, String keyword, String where) {
        JsonNode value = node.get(keyword);
        return value == null ? Optional.empty() : Optional.of(decimal(value, keyword, where));
    }

    private static BigDecimal decimal(JsonNode value, String keyword, String where) {
        if (!value.isNumber() || !Double.isFinite(value.numberValue().doubleValue())) {
            throw InputException.of(where, keyword, "a number", value);
        }
        return value.decimalValue().stripTrailingZeros();
    }

    private static List<BigDecimal> factors(JsonNode node, String where) {
        List<BigDecimal> factors = SchemaValues.all(node, MULTIPLE).stream()
                .map(value -> decimal(value, MULTIPLE, where))
                .toList();
        factors.stream().filter(factor -> factor.signum() <= 0).findFirst().ifPresent(factor -> {
            throw InputException.of(where, MULTIPLE, "greater than 0", factor);
        });
        return factors;
    }
}
