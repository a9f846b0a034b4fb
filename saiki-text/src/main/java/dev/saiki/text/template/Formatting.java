package dev.saiki.text.template;

import dev.saiki.io.InputException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Python's formatting of strings with `%` and with braces, as far as templates use it.
///
/// @param budget the budget of the rendering
record Formatting(Budget budget) {

    /// Zeros or spaces on the left, up to a width; the number of decimals.
    private static final String LAYOUT = "(0?)([1-9][0-9]{0,2})?(?:\\.([0-9]{1,2}))?";

    private static final int USUAL_DECIMALS = 6;
    private static final Pattern PERCENT = Pattern.compile("%(?:" + LAYOUT + "([sdifr])|(%)|)");
    private static final Pattern BRACES = Pattern.compile("\\{\\{|\\}\\}|\\{(\\w*)(?::" + LAYOUT + "([df]))?\\}|[{}]");

    /// Formats like Python's operator `%`.
    String percent(String text, List<Value> values) {
        int[] next = {0};
        String formatted = PERCENT.matcher(budget.charged(text)).replaceAll(match -> {
            if (match.group(5) != null) {
                return "%";
            }
            InputException.require(match.group(4) != null, "a format may contain %s, %r, %d, %i, %f and %% only");
            return Matcher.quoteReplacement(written(value(values, next[0]++), match, 1));
        });
        InputException.require(next[0] == values.size(), "a format got " + values.size() + " values for " + next[0]);
        return formatted;
    }

    /// Formats like Python's method `format`.
    String braces(String text, Arguments arguments) {
        int[] next = {0};
        return BRACES.matcher(budget.charged(text)).replaceAll(match -> {
            @Nullable String name = match.group(1);
            if (name == null) {
                InputException.require(
                        match.group().length() == 2, "a format may contain {}, {0}, {name} and {:.1f} only");
                return match.group().substring(1);
            }
            Value value = name.matches("[0-9]{0,3}")
                    ? value(arguments.positional(), name.isEmpty() ? next[0]++ : Integer.parseInt(name))
                    : new Arguments.Bound("format", arguments.named()).get(name);
            return Matcher.quoteReplacement(
                    match.group(5) == null
                            ? budget.charged(PythonNotation.text(value, budget))
                            : written(value, match, 2));
        });
    }

    private static Value value(List<Value> values, int index) {
        InputException.require(index < values.size(), "a format needs more than " + values.size() + " values");
        return values.get(index);
    }

    /// Writes a value.
    ///
    /// @param first the number of the match's group with the zero, which those with width, decimals and kind follow
    private String written(Value value, MatchResult match, int first) {
        @Nullable String width = match.group(first + 1);
        @Nullable String decimals = match.group(first + 2);
        String kind = match.group(first + 3);
        boolean isNumber = "dif".contains(kind);
        InputException.require(
                decimals == null || kind.equals("f"), "a format may contain decimals only before f, as in %.2f");
        String text = switch (kind) {
            case "s" -> PythonNotation.text(value, budget);
            case "r" -> PythonNotation.repr(value, budget);
            case "f" -> number(value, decimals == null ? USUAL_DECIMALS : Integer.parseInt(decimals));
            default -> number(value, -1);
        };
        int missing = (width == null ? 0 : Integer.parseInt(width)) - text.codePointCount(0, text.length());
        boolean zeros = isNumber && !match.group(first).isEmpty();
        String sign = zeros && text.startsWith("-") ? "-" : "";
        String filling = (zeros ? "0" : " ").repeat(Math.max(0, missing));
        return budget.charged(sign + filling + text.substring(sign.length()));
    }

    /// A number with a number of decimals, or, if this is negative, its integer part.
    private static String number(Value value, int decimals) {
        if (decimals < 0 && value instanceof Value.Int(long whole)) {
            return Long.toString(whole);
        }
        if (decimals < 0 && value instanceof Value.Big(BigInteger whole)) {
            return whole.toString();
        }
        OptionalDouble number = Comparisons.number(value);
        InputException.require(
                number.isPresent() && Double.isFinite(number.getAsDouble()),
                "a format needs a number, got " + value.kind());
        return new BigDecimal(number.getAsDouble())
                .setScale(Math.max(0, decimals), decimals < 0 ? RoundingMode.DOWN : RoundingMode.HALF_EVEN)
                .toPlainString();
    }
}
