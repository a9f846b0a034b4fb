package dev.saiki.text.template;

import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// Arithmetic and string concatenation with Python's semantics.
record Arithmetic(Budget budget) {

    Value compute(String operator, Value left, Value right) {
        if (operator.equals("~")) {
            String joined = PythonNotation.text(left, budget) + PythonNotation.text(right, budget);
            return new Value.Text(budget.charged(joined));
        }
        if (operator.equals("+") && left instanceof Value.Text(String a) && right instanceof Value.Text(String b)) {
            budget.charge((long) a.length() + b.length());
            return new Value.Text(a + b);
        }
        if (operator.equals("+")
                && left instanceof Value.Items(List<Value> a)
                && right instanceof Value.Items(List<Value> b)) {
            budget.charge((long) a.size() + b.size());
            List<Value> both = new ArrayList<>(a);
            both.addAll(b);
            return new Value.Items(both);
        }
        if (operator.equals("*") && left instanceof Value.Text(String text) && right instanceof Value.Int(long times)) {
            return repeated(text, times);
        }
        if (operator.equals("%") && left instanceof Value.Text(String text)) {
            List<Value> values = right instanceof Value.Items(List<Value> items) ? items : List.of(right);
            return new Value.Text(new Formatting(budget).percent(text, values));
        }
        if (left instanceof Value.Int(long a) && right instanceof Value.Int(long b) && !operator.equals("/")) {
            return whole(operator, a, b);
        }
        OptionalDouble a = Comparisons.number(left);
        OptionalDouble b = Comparisons.number(right);
        if (a.isEmpty() || b.isEmpty()) {
            throw new InputException("'" + operator + "' is not supported for " + left.kind() + " and " + right.kind());
        }
        return real(operator, a.getAsDouble(), b.getAsDouble());
    }

    Value signed(boolean negative, Value of) {
        return negative && of instanceof Value.Real(double number)
                ? new Value.Real(-number)
                : compute(negative ? "-" : "+", new Value.Int(0), of);
    }

    private Value repeated(String text, long times) {
        InputException.require(
                times <= 0 || text.length() <= Long.MAX_VALUE / times, "a string is repeated too many times");
        budget.charge(Math.max(0, times) * text.length());
        return new Value.Text(text.repeat(Math.clamp(times, 0, Integer.MAX_VALUE)));
    }

    private static Value whole(String operator, long a, long b) {
        try {
            return new Value.Int(
                    switch (operator) {
                        case "+" -> Math.addExact(a, b);
                        case "-" -> Math.subtractExact(a, b);
                        case "*" -> Math.multiplyExact(a, b);
                        case "//" -> Math.floorDiv(a, b);
                        case "%" -> Math.floorMod(a, b);
                        default -> throw new IllegalStateException(operator);
                    });
        } catch (ArithmeticException e) {
            throw new InputException("integer overflow or division by zero", e);
        }
    }

    private static Value real(String operator, double a, double b) {
        InputException.require(b != 0 || "+-*".contains(operator), "division by zero");
        return new Value.Real(
                switch (operator) {
                    case "+" -> a + b;
                    case "-" -> a - b;
                    case "*" -> a * b;
                    case "/" -> a / b;
                    case "//" -> Math.floor(a / b);
                    case "%" -> a - b * Math.floor(a / b);
                    default -> throw new IllegalStateException(operator);
                });
    }
}
