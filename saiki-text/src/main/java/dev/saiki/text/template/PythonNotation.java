package dev.saiki.text.template;

import dev.saiki.io.InputException;
import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Python's formatting of values: `str`, `repr` and the `json` module, including its spaces, which models were
/// trained on.
final class PythonNotation {

    private static final double SMALLEST_PLAIN = 1e-4;
    private static final double GREATEST_PLAIN = 1e16;

    private final Budget budget;
    private final StringBuilder text = new StringBuilder();

    private PythonNotation(Budget budget) {
        this.budget = budget;
    }

    /// Formats like `str`.
    static String text(Value value, Budget budget) {
        return switch (value) {
            case Value.Text(String text) -> text;
            case Value.Undefined _ -> "";
            case Value.None _,
                    Value.Bool _,
                    Value.Int _,
                    Value.Real _,
                    Value.Items _,
                    Value.Fields _,
                    Value.Namespace _,
                    Value.Function _ -> {
                PythonNotation notation = new PythonNotation(budget);
                notation.write(value);
                yield notation.text.toString();
            }
        };
    }

    /// Formats like `json.dumps`, with non-ASCII characters unchanged.
    ///
    /// @param indent the number of spaces per level; negative for a single line
    static String json(Value value, int indent, Budget budget) {
        PythonNotation notation = new PythonNotation(budget);
        notation.writeJson(value, indent, 0);
        return notation.text.toString();
    }

    private void put(String piece) {
        text.append(budget.charged(piece));
    }

    private void write(Value value) {
        budget.enter();
        switch (value) {
            case Value.None _ -> put("None");
            case Value.Undefined _ -> put("Undefined");
            case Value.Bool(boolean truth) -> put(truth ? "True" : "False");
            case Value.Int(long number) -> put(Long.toString(number));
            case Value.Real(double number) -> put(number(number));
            case Value.Text(String said) -> put(quoted(said));
            case Value.Items(List<Value> items) -> {
                put("[");
                for (Iterator<Value> each = items.iterator(); each.hasNext(); ) {
                    write(each.next());
                    put(each.hasNext() ? ", " : "");
                }
                put("]");
            }
            case Value.Fields(Map<String, Value> fields) -> {
                put("{");
                for (Iterator<Map.Entry<String, Value>> each = fields.entrySet().iterator(); each.hasNext(); ) {
                    Map.Entry<String, Value> field = each.next();
                    put(quoted(field.getKey()));
                    put(": ");
                    write(field.getValue());
                    put(each.hasNext() ? ", " : "");
                }
                put("}");
            }
            case Value.Namespace _, Value.Function _ ->
                throw new InputException(value.kind() + " cannot be written out");
        }
        budget.leave();
    }

    /// The shortest digits that identify the number, with an exponent where Python writes one.
    static String number(double number) {
        if (Double.isNaN(number)) {
            return "nan";
        }
        if (Double.isInfinite(number)) {
            return number > 0 ? "inf" : "-inf";
        }
        double size = Math.abs(number);
        if (size == 0 || (size >= SMALLEST_PLAIN && size < GREATEST_PLAIN)) {
            String plain = new BigDecimal(Double.toString(number)).toPlainString();
            String signed = size == 0 && 1 / number < 0 ? "-0.0" : plain;
            return signed.contains(".") ? signed : signed + ".0";
        }
        BigDecimal exact = new BigDecimal(Double.toString(number)).stripTrailingZeros();
        String digits = exact.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - exact.scale();
        return (number < 0 ? "-" : "")
                + digits.charAt(0)
                + (digits.length() > 1 ? "." + digits.substring(1) : "")
                + (exponent < 0 ? "e-" : "e+")
                + (Math.abs(exponent) < 10 ? "0" : "")
                + Math.abs(exponent);
    }

    /// In single quotes, or in double quotes if the text contains only single ones.
    private static String quoted(String said) {
        char quote = said.indexOf('\'') >= 0 && said.indexOf('"') < 0 ? '"' : '\'';
        StringBuilder quoted = new StringBuilder().append(quote);
        said.codePoints().forEach(c -> {
            switch (c) {
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                case '\r' -> quoted.append("\\r");
                case '\\' -> quoted.append("\\\\");
                default -> {
                    if (c == quote) {
                        quoted.append('\\').append(quote);
                    } else if (c < ' ' || c == 0x7f) {
                        quoted.append(String.format(Locale.ROOT, "\\x%02x", c));
                    } else {
                        quoted.appendCodePoint(c);
                    }
                }
            }
        });
        return quoted.append(quote).toString();
    }

    private void writeJson(Value value, int indent, int level) {
        budget.enter();
        switch (value) {
            case Value.None _ -> put("null");
            case Value.Bool(boolean truth) -> put(truth ? "true" : "false");
            case Value.Int(long number) -> put(Long.toString(number));
            case Value.Real(double number) -> put(jsonNumber(number));
            case Value.Text(String said) -> put(jsonString(said));
            case Value.Items(List<Value> items) -> {
                put("[");
                String between = "";
                for (Value item : items) {
                    put(between);
                    newLine(indent, level + 1);
                    writeJson(item, indent, level + 1);
                    between = indent < 0 ? ", " : ",";
                }
                newLine(items.isEmpty() ? -1 : indent, level);
                put("]");
            }
            case Value.Fields(Map<String, Value> fields) -> {
                put("{");
                String between = "";
                for (Map.Entry<String, Value> field : fields.entrySet()) {
                    put(between);
                    newLine(indent, level + 1);
                    put(jsonString(field.getKey()));
                    put(": ");
                    writeJson(field.getValue(), indent, level + 1);
                    between = indent < 0 ? ", " : ",";
                }
                newLine(fields.isEmpty() ? -1 : indent, level);
                put("}");
            }
            case Value.Undefined _, Value.Namespace _, Value.Function _ ->
                throw new InputException("JSON cannot hold " + value.kind());
        }
        budget.leave();
    }

    private void newLine(int indent, int level) {
        if (indent >= 0) {
            put("\n" + " ".repeat(indent * level));
        }
    }

    private static String jsonNumber(double number) {
        if (Double.isNaN(number)) {
            return "NaN";
        }
        return Double.isInfinite(number) ? (number > 0 ? "Infinity" : "-Infinity") : number(number);
    }

    private static String jsonString(String said) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < said.length(); i++) {
            char c = said.charAt(i);
            int simple = "\"\\\n\r\t\b\f".indexOf(c);
            if (simple >= 0) {
                quoted.append('\\').append("\"\\nrtbf".charAt(simple));
            } else if (c < ' ') {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
