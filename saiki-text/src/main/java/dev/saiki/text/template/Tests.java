package dev.saiki.text.template;

import dev.saiki.io.InputException;
import java.util.Locale;
import java.util.Map;

/// The tests available to templates.
final class Tests {

    /// The tests by name.
    static final Map<String, Code> ALL = Map.ofEntries(
            Map.entry("defined", (of, _, _) -> !(of instanceof Value.Undefined)),
            Map.entry("undefined", (of, _, _) -> of instanceof Value.Undefined),
            Map.entry("none", (of, _, _) -> of instanceof Value.None),
            Map.entry("true", (of, _, _) -> of.equals(Value.Bool.TRUE)),
            Map.entry("false", (of, _, _) -> of.equals(Value.Bool.FALSE)),
            Map.entry("boolean", (of, _, _) -> of instanceof Value.Bool),
            Map.entry("string", (of, _, _) -> of instanceof Value.Text),
            Map.entry("integer", (of, _, _) -> Comparisons.isWhole(of)),
            Map.entry("float", (of, _, _) -> of instanceof Value.Real),
            Map.entry("number", (of, _, _) -> Comparisons.number(of).isPresent()),
            Map.entry("mapping", (of, _, _) -> of instanceof Value.Fields),
            Map.entry("callable", (of, _, _) -> of instanceof Value.Function),
            Map.entry("iterable", (of, _, _) -> isSequence(of) || of instanceof Value.Undefined),
            Map.entry("sequence", (of, _, _) -> isSequence(of) || of instanceof Value.Undefined),
            Map.entry("lower", (of, _, renderer) -> isCased(of, renderer, false)),
            Map.entry("upper", (of, _, renderer) -> isCased(of, renderer, true)),
            Map.entry("odd", (of, _, _) -> Math.floorMod(integer(of), 2L) == 1),
            Map.entry("even", (of, _, _) -> Math.floorMod(integer(of), 2L) == 0),
            Map.entry("divisibleby", (of, arguments, _) -> {
                long by = arguments.bind("divisibleby", "num").integer("num", 0);
                InputException.require(by != 0, "division by zero");
                return integer(of) % by == 0;
            }),
            Map.entry("equalto", compared("==")),
            Map.entry("eq", compared("==")),
            Map.entry("ne", compared("!=")),
            Map.entry("lt", compared("<")),
            Map.entry("le", compared("<=")),
            Map.entry("gt", compared(">")),
            Map.entry("ge", compared(">=")),
            Map.entry("in", compared("in")));

    private Tests() {}

    /// The code of a test.
    @FunctionalInterface
    interface Code {

        /// Whether the test holds for a value.
        boolean holds(Value of, Arguments arguments, Renderer renderer);
    }

    private static Code compared(String operator) {
        return (of, arguments, renderer) -> renderer.comparisons()
                .holds(operator, of, arguments.bind(operator, "other").get("other"));
    }

    private static boolean isSequence(Value of) {
        return of instanceof Value.Text || of instanceof Value.Items || of instanceof Value.Fields;
    }

    private static long integer(Value of) {
        if (of instanceof Value.Int(long number)) {
            return number;
        }
        throw new InputException("expected an integer, got " + of.kind());
    }

    private static boolean isCased(Value of, Renderer renderer, boolean upper) {
        String text = PythonNotation.text(of, renderer.budget());
        renderer.budget().charge(text.length());
        return text.chars().anyMatch(Character::isLetter)
                && text.equals(upper ? text.toUpperCase(Locale.ROOT) : text.toLowerCase(Locale.ROOT));
    }
}
