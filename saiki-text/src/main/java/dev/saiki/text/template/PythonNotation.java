package dev.saiki.text.template;

import dev.saiki.io.InputException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Python's formatting of values: `str`, `repr` and the `json` module; the spaces are the same as Python's,
/// because models were trained on them.
final class PythonNotation {

    private static final double SMALLEST_PLAIN = 1e-4;
    private static final double GREATEST_PLAIN = 1e16;

    /// The form of JSON, with the parameters of Python's `json.dumps`.
    ///
    /// @param ensuresAscii whether other characters are escaped
    /// @param indent the number of spaces per level; negative for a single line
    /// @param between the text between items
    /// @param colon the text between a key and its value
    /// @param sortsKeys whether keys are sorted
    record JsonForm(boolean ensuresAscii, int indent, String between, String colon, boolean sortsKeys) {}

    private final Budget budget;
    private final Optional<JsonForm> json;
    private final int indent;
    private final StringBuilder text = new StringBuilder();

    private PythonNotation(Budget budget, Optional<JsonForm> json) {
        this.budget = budget;
        this.json = json;
        this.indent = json.map(JsonForm::indent).orElse(-1);
    }

    /// Formats like `str`.
    static String text(Value value, Budget budget) {
        return switch (value) {
            case Value.Text(String text) -> text;
            case Value.Undefined _ -> "";
            default -> new PythonNotation(budget, Optional.empty()).written(value);
        };
    }

    /// Formats like `repr`.
    static String repr(Value value, Budget budget) {
        return new PythonNotation(budget, Optional.empty()).written(value);
    }

    /// Formats like `json.dumps`.
    static String json(Value value, JsonForm form, Budget budget) {
        return new PythonNotation(budget, Optional.of(form)).written(value);
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
            case Value.None _ -> put(json.isPresent() ? "null" : "None");
            case Value.Bool(boolean truth) -> put(json.isPresent() ? String.valueOf(truth) : truth ? "True" : "False");
            case Value.Int(long number) -> put(Long.toString(number));
            case Value.Big(BigInteger number) -> put(number.toString());
            case Value.Real(double number) -> put(json.isPresent() ? jsonNumber(number) : number(number));
            case Value.Text(String said) -> put(string(said));
            case Value.Items(List<Value> items) -> writeAll("[", items, item -> write(item, level + 1), "]", level);
            case Value.Fields(Map<Value, Value> fields) ->
                writeAll("{", entries(fields), field -> writeField(field, level), "}", level);
            case Value.Undefined _ when json.isEmpty() -> put("Undefined");
            case Value.Undefined _, Value.Namespace _, Value.Function _ ->
                throw new InputException(
                        (json.isPresent() ? "JSON cannot represent " : "cannot format ") + value.kind());
        }
        budget.leave();
    }

    private Collection<Map.Entry<Value, Value>> entries(Map<Value, Value> fields) {
        return json.filter(JsonForm::sortsKeys).isPresent()
                ? fields.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey(new Comparisons(budget)::order))
                        .toList()
                : fields.entrySet();
    }

    /// A key that is a number becomes a string in JSON.
    private void writeField(Map.Entry<Value, Value> field, int level) {
        write(json.isPresent() ? new Value.Text(text(field.getKey(), budget)) : field.getKey(), level + 1);
        put(json.map(JsonForm::colon).orElse(": "));
        write(field.getValue(), level + 1);
    }

    private <T> void writeAll(String open, Collection<T> parts, Consumer<T> write, String close, int level) {
        put(open);
        String between = "";
        for (T part : parts) {
            put(between);
            newLine(level + 1);
            write.accept(part);
            between = json.map(JsonForm::between).orElse(", ");
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
        return json.map(form -> jsonString(said, form.ensuresAscii())).orElseGet(() -> quoted(said));
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

    private static String jsonString(String said, boolean ensuresAscii) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < said.length(); i++) {
            char c = said.charAt(i);
            int simple = "\"\\\n\r\t\b\f".indexOf(c);
            if (simple >= 0) {
                quoted.append('\\').append("\"\\nrtbf".charAt(simple));
            } else if (c < ' ' || (ensuresAscii && c > '~')) {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
