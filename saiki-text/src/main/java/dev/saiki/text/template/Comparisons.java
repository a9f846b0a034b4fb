package dev.saiki.text.template;

import dev.saiki.io.InputException;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// Comparisons of values, with Python's semantics.
record Comparisons(Budget budget) {

    boolean holds(String operator, Value left, Value right) {
        return switch (operator) {
            case "==" -> equal(left, right);
            case "!=" -> !equal(left, right);
            case "in" -> contains(right, left);
            case "not in" -> !contains(right, left);
            case "<" -> order(left, right) < 0;
            case "<=" -> order(left, right) <= 0;
            case ">" -> order(left, right) > 0;
            case ">=" -> order(left, right) >= 0;
            default -> throw new IllegalStateException(operator);
        };
    }

    boolean equal(Value left, Value right) {
        budget.enter();
        boolean equal = sameAs(left, right);
        budget.leave();
        return equal;
    }

    private boolean sameAs(Value left, Value right) {
        if (left instanceof Value.Text(String a) && right instanceof Value.Text(String b)) {
            budget.charge(Math.min(a.length(), b.length()));
            return a.equals(b);
        }
        if (left instanceof Value.Items(List<Value> a) && right instanceof Value.Items(List<Value> b)) {
            boolean same = a.size() == b.size();
            for (int i = 0; same && i < a.size(); i++) {
                same = equal(a.get(i), b.get(i));
            }
            return same;
        }
        if (left instanceof Value.Fields(Map<Value, Value> a) && right instanceof Value.Fields(Map<Value, Value> b)) {
            return a.size() == b.size()
                    && a.entrySet().stream()
                            .allMatch(field -> b.containsKey(field.getKey())
                                    && equal(field.getValue(), b.getOrDefault(field.getKey(), Value.None.NONE)));
        }
        OptionalDouble a = number(left);
        OptionalDouble b = number(right);
        if (a.isPresent() && b.isPresent()) {
            boolean whole = isWhole(left) && isWhole(right);
            return whole ? left.equals(right) : a.getAsDouble() == b.getAsDouble();
        }
        return (left instanceof Value.None && right instanceof Value.None)
                || (left instanceof Value.Undefined && right instanceof Value.Undefined);
    }

    /// Whether a value is an integer.
    static boolean isWhole(Value value) {
        return value instanceof Value.Int || value instanceof Value.Big;
    }

    /// A value as a number; empty if the value is neither a number nor a boolean.
    static OptionalDouble number(Value value) {
        return switch (value) {
            case Value.Int(long number) -> OptionalDouble.of((double) number);
            case Value.Big(BigInteger number) -> OptionalDouble.of(number.doubleValue());
            case Value.Real(double number) -> OptionalDouble.of(number);
            case Value.Bool(boolean truth) -> OptionalDouble.of(truth ? 1 : 0);
            default -> OptionalDouble.empty();
        };
    }

    boolean contains(Value whole, Value part) {
        return switch (whole) {
            case Value.Text(String text) -> {
                if (!(part instanceof Value.Text(String sought))) {
                    throw new InputException("a string cannot contain " + part.kind());
                }
                yield indexOf(text, sought) >= 0;
            }
            case Value.Items(List<Value> items) -> items.stream().anyMatch(item -> equal(item, part));
            case Value.Fields fields -> fields.find(part).isPresent();
            case Value.Undefined _ -> false;
            default -> throw new InputException("'in' is not supported for " + whole.kind());
        };
    }

    /// Searches for a text and charges the worst-case cost.
    int indexOf(String text, String sought) {
        budget.charge((long) text.length() * Math.min(16, sought.length() + 1));
        return text.indexOf(sought);
    }

    int order(Value left, Value right) {
        if (left instanceof Value.Text(String a) && right instanceof Value.Text(String b)) {
            budget.charge(Math.min(a.length(), b.length()));
            return a.compareTo(b);
        }
        OptionalDouble a = number(left);
        OptionalDouble b = number(right);
        if (a.isEmpty() || b.isEmpty()) {
            throw new InputException("cannot compare " + left.kind() + " with " + right.kind());
        }
        return Double.compare(a.getAsDouble(), b.getAsDouble());
    }
}
