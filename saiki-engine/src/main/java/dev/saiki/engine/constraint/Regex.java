package dev.saiki.engine.constraint;

import java.util.ArrayList;
import java.util.List;

/// A parsed regular expression: the set of texts that match it as a whole.
sealed interface Regex {

    /// The empty text.
    Regex NOTHING = new Sequence(List.of());

    /// Any text.
    Regex ANYTHING = new Repeated(new Characters(CodePoints.ALL), 0, Grammar.UNBOUNDED);

    /// One character of a set.
    record Characters(CodePoints points) implements Regex {}

    /// Several expressions in sequence.
    record Sequence(List<Regex> parts) implements Regex {
        public Sequence {
            parts = List.copyOf(parts);
        }
    }

    /// A choice among several expressions.
    record Choice(List<Regex> options) implements Regex {
        public Choice {
            options = List.copyOf(options);
        }
    }

    /// A repeated expression.
    ///
    /// @param least minimum number of repetitions
    /// @param most maximum number of repetitions; {@link Grammar#UNBOUNDED} for no limit
    record Repeated(Regex part, int least, int most) implements Regex {}

    /// A lookahead: a condition on the rest of the text that consumes no characters.
    ///
    /// @param rest expression that is compared with the whole rest
    /// @param wanted true if the rest must match, false if it must not match
    record Ahead(Regex rest, boolean wanted) implements Regex {}

    /// Returns the expressions all of which a text must match: each leading positive lookahead, and the expression
    /// without these lookaheads.
    static List<Regex> atOnce(Regex regex) {
        if (regex instanceof Sequence(List<Regex> parts)
                && !parts.isEmpty()
                && parts.getFirst() instanceof Ahead(Regex rest, boolean wanted)
                && wanted) {
            List<Regex> all = new ArrayList<>(atOnce(new Sequence(parts.subList(1, parts.size()))));
            all.add(rest);
            return List.copyOf(all);
        }
        return List.of(regex);
    }

    /// The greatest product of the limits of nested repetitions. A limit is the maximum number of repetitions or,
    /// if there is no maximum, the minimum number.
    static long repetitions(Regex regex) {
        return switch (regex) {
            case Characters _ -> 1;
            case Sequence(List<Regex> parts) -> most(parts);
            case Choice(List<Regex> options) -> most(options);
            case Repeated(Regex part, int least, int most) ->
                Math.min(Grammar.UNBOUNDED, Math.max(1L, most == Grammar.UNBOUNDED ? least : most) * repetitions(part));
            case Ahead(Regex rest, boolean _) -> repetitions(rest);
        };
    }

    private static long most(List<Regex> parts) {
        return parts.stream().mapToLong(Regex::repetitions).max().orElse(1);
    }

    /// Whether the expression has lookaheads. Automata can represent them; rules cannot.
    static boolean hasLookahead(Regex regex) {
        return switch (regex) {
            case Characters _ -> false;
            case Sequence(List<Regex> parts) -> parts.stream().anyMatch(Regex::hasLookahead);
            case Choice(List<Regex> options) -> options.stream().anyMatch(Regex::hasLookahead);
            case Repeated(Regex part, int _, int _) -> hasLookahead(part);
            case Ahead _ -> true;
        };
    }
}
