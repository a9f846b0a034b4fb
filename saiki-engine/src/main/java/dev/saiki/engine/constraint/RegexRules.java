package dev.saiki.engine.constraint;

import dev.saiki.io.InputException;
import java.util.List;

/// The rules of a regular expression: one rule for each part of the expression or, if the expression has
/// lookaheads, the rules of an automaton.
record RegexRules(Grammar.Builder builder, CodePointRules characters) {

    /// The rule of an expression.
    ///
    /// @throws InputException if no text matches the expression, or if its automaton is too large
    int rule(Regex regex) {
        return Regex.hasLookahead(regex)
                ? new AutomatonRules(builder, characters).rule(TextAutomata.of(regex))
                : direct(regex);
    }

    private int direct(Regex regex) {
        return switch (regex) {
            case Regex.Characters(CodePoints points) -> characters.one(points);
            case Regex.Sequence(List<Regex> parts) ->
                parts.isEmpty()
                        ? builder.nothing()
                        : builder.inOrder(parts.stream().map(this::direct).toList());
            case Regex.Choice(List<Regex> options) ->
                builder.oneOf(options.stream().map(this::direct).toList());
            case Regex.Repeated(Regex part, int least, int most) -> builder.times(direct(part), least, most);
            case Regex.Ahead _ -> throw new IllegalArgumentException("a lookahead has no rule");
        };
    }
}
