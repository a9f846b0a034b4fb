package dev.saiki.text.template;

import dev.saiki.io.InputException;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/// Python's formatting of values: `str`, `repr` and the `json` module; the spaces are the same as Python's,
/// because models were trained on them.
final class PythonNotation {

    private static final double SMALLEST_PLAIN = 1e-4;
    private static final double GREATEST_PLAIN = 1e16;

    private final Budget budget;
    private final boolean isJson;
    private final int indent;
    private final StringBuilder text = new StringBuilder();

    private PythonNotation(Budget budget, boolean isJson, int indent) {
        this.budget = budget;
        this.isJson = isJson;
        this.indent = indent;
    }

    /// Formats like `str`.
    static String text(Value value, Budget budget) {
        return switch (value) {
            case Value.Text(String text) -> text;
            case Value.Undefined _ -> "";
            default -> new PythonNotation(budget, false, -1).written(value);
        };
    }

    /// Formats like `json.dumps`, with non-ASCII characters unchanged.
    ///
    /// @param indent the number of spaces per level; negative for a single line
    static String json(Value value, int indent, Budget budget) {
        return new PythonNotation(budget, true, indent).written(value);
    }

    private String written(Value value) {
        write(value, 0);
        return text.toString();
    }

    private void put(String piece) {
        text.append(budget.charged(piece));
    }

    private void write(Value value, int level) {
        budget.enter();
        switch (value) {
            case Value.None _ -> put(isJson ? "null" : "None");
            case Value.Bool(boolean truth) -> put(isJson ? String.valueOf(truth) : truth ? "True" : "False");
            case Value.Int(long number) -> put(Long.toString(number));
            case Value.Real(double number) -> put(isJson ? jsonNumber(number) : number(number));
            case Value.Text(String said) -> put(string(said));
            case Value.Items(List<Value> items) -> writeAll("[", items, item -> write(item, level + 1), "]", level);
            case Value.Fields(Map<String, Value> fields) ->
                writeAll(
                        "{",
                        fields.entrySet(),
                        field -> {
                            put(string(field.getKey()) + ": ");
                            write(field.getValue(), level + 1);
                        },
                        "}",
                        level);
            case Value.Undefined _ when !isJson -> put("Undefined");
            case Value.Undefined _, Value.Namespace _, Value.Function _ ->
                throw new InputException((isJson ? "JSON cannot represent " : "cannot format ") + value.kind());
        }
        budget.leave();
    }

    private <T> void writeAll(String open, Collection<T> parts, Consumer<T> write, String close, int level) {
        put(open);
        String between = "";
        for (T part : parts) {
            put(between);
            newLine(level + 1);
            write.accept(part);
            between = indent < 0 ? ", " : ",";
        }
        if (!parts.isEmpty()) {
            newLine(level);
        }
        put(close);
    }

    private void newLine(int level) {
        if (indent >= 0) {
            put("\n" + " ".repeat(indent * level));
        }
    }

    private String string(String said) {
        return isJson ? jsonString(said) : quoted(said);
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

    /// Puts a text in single quotes, or in double quotes if it contains single but no double quotes.
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
