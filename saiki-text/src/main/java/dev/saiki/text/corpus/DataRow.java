package dev.saiki.text.corpus;

import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// One row of a table: values by column name.
///
/// Values are strings, `Long`, `Double`, `Boolean`, lists of values, and maps for nested columns. A null value in
/// the file is left out.
///
/// @param name the location of the row, for messages: file and number
/// @param values the values by column name
public record DataRow(String name, Map<String, Object> values) {

    private static final Pattern WHOLE_NUMBER = Pattern.compile("-?\\d{1,18}");

    /// Copies the mutable components.
    public DataRow {
        values = Map.copyOf(values);
    }

    /// Returns a text.
    ///
    /// @param column the name of the column
    /// @return the text, possibly empty
    /// @throws InputException if there is no such column or it is not text
    public String text(String column) {
        if (value(column) instanceof String text) {
            return text;
        }
        throw wrong(column, "a string");
    }

    /// Returns texts.
    ///
    /// @param column the name of the column
    /// @return the texts, in order
    /// @throws InputException if there is no such column or it is not a list of texts
    public List<String> texts(String column) {
        if (value(column) instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
            return list.stream().map(String.class::cast).toList();
        }
        throw wrong(column, "a list of strings");
    }

    /// Returns a whole number, which the file may store in the form of text.
    ///
    /// @param column the name of the column
    /// @return the number
    /// @throws InputException if there is no such column or it is not a whole number
    public long wholeNumber(String column) {
        return switch (value(column)) {
            case Long number -> number;
            case String text when WHOLE_NUMBER.matcher(text).matches() -> Long.parseLong(text);
            default -> throw wrong(column, "a whole number");
        };
    }

    /// Returns the nested columns of a column.
    ///
    /// @param column the name of the column
    /// @return a row of the nested columns
    /// @throws InputException if there is no such column or it has no nested columns
    public DataRow row(String column) {
        if (value(column) instanceof Map<?, ?> map) {
            Map<String, Object> inner = new LinkedHashMap<>();
            map.forEach((key, inside) -> inner.put(String.valueOf(key), inside));
            return new DataRow(name + ", '" + column + "'", inner);
        }
        throw wrong(column, "an object");
    }

    private Object value(String column) {
        return Optional.ofNullable(values.get(column))
                .orElseThrow(() -> new InputException(
                        name + ": no column '" + column + "'" + Suggestions.hint(column, values.keySet())));
    }

    private InputException wrong(String column, String allowed) {
        return InputException.of(name, "column '" + column + "'", allowed, describe(value(column)));
    }

    private static String describe(Object value) {
        return switch (value) {
            case String text -> "the string \"" + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + "\"";
            case List<?> _ -> "a list";
            case Map<?, ?> _ -> "an object";
            default -> value.toString();
        };
    }
}
