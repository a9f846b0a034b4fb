package dev.saiki.engine.constraint;

import dev.saiki.io.InputException;
import java.util.List;
import org.apache.lucene.util.automaton.Automata;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;
import org.apache.lucene.util.automaton.TooComplexToDeterminizeException;

/// Finite automata over characters, for texts that must match several expressions, or must not match an
/// expression. Untrusted callers choose the expressions, so the size of each Lucene operation is bounded
/// before it starts.
final class TextAutomata {

    /// The maximum number of states of one automaton; each state becomes a rule.
    private static final int MAX_STATES = 12_000;

    /// The maximum number of state pairs in an intersection, and of transitions in a repetition or concatenation.
    private static final long MAX_PAIRS = 1 << 19;

    /// The maximum work of making one automaton deterministic, in Lucene's units.
    private static final int MAX_WORK = 200_000;

    private TextAutomata() {}

    /// The texts that match an expression.
    static Automaton of(Regex regex) {
        if (Regex.hasLookahead(regex)) {
            return before(regex, Automata.makeEmptyString());
        }
        return bounded(
                switch (regex) {
                    case Regex.Characters(CodePoints points) -> one(points);
                    case Regex.Sequence(List<Regex> parts) -> inOrder(parts);
                    case Regex.Choice(List<Regex> options) ->
                        union(options.stream().map(TextAutomata::of).toList());
                    case Regex.Repeated(Regex part, int least, int most) -> repeated(of(part), least, most);
                    case Regex.Ahead _ -> throw new IllegalArgumentException("a lookahead has no automaton of its own");
                });
    }

    private static Automaton one(CodePoints points) {
        Automaton one = new Automaton();
        int from = one.createState();
        int to = one.createState();
        one.setAccept(to, true);
        points.ranges().forEach(range -> one.addTransition(from, to, range.from(), range.to()));
        one.finishState();
        return one;
    }

    private static Automaton inOrder(List<Regex> parts) {
        Automaton rest = Automata.makeEmptyString();
        for (Regex part : parts.reversed()) {
            rest = then(of(part), rest);
        }
        return rest;
    }

    /// The texts of an expression followed by the texts of the rest, restricted by the expression's lookaheads.
    private static Automaton before(Regex regex, Automaton rest) {
        if (!Regex.hasLookahead(regex)) {
            return then(of(regex), rest);
        }
        return switch (regex) {
            case Regex.Sequence(List<Regex> parts) -> {
                Automaton all = rest;
                for (Regex part : parts.reversed()) {
                    all = before(part, all);
                }
                yield all;
            }
            case Regex.Choice(List<Regex> options) ->
                union(options.stream().map(option -> before(option, rest)).toList());
            case Regex.Repeated(Regex part, int least, int _) ->
                least > 0 ? before(part, rest) : union(List.of(rest, before(part, rest)));
            case Regex.Ahead(Regex wanted, boolean isWanted) ->
                isWanted ? both(of(wanted), rest) : without(rest, of(wanted));
            case Regex.Characters _ -> throw new IllegalArgumentException("a character is not a lookahead");
        };
    }

    private static Automaton repeated(Automaton part, int least, int most) {
        long states = (long) part.getNumStates() * Math.max(1, most == Grammar.UNBOUNDED ? least : most);
        long transitions = (long) part.getNumTransitions() * Math.max(1, most == Grammar.UNBOUNDED ? least : most);
        if (states > MAX_STATES || transitions > MAX_PAIRS) {
            throw tooLarge();
        }
        return most == Grammar.UNBOUNDED ? Operations.repeat(part, least) : Operations.repeat(part, least, most);
    }

    /// The texts that both automata accept.
    static Automaton both(Automaton first, Automaton second) {
        if ((long) first.getNumStates() * second.getNumStates() > MAX_PAIRS) {
            throw tooLarge();
        }
        return bounded(Operations.intersection(first, second));
    }

    /// A deterministic automaton that accepts the same texts.
    ///
    /// @throws InputException if the automaton accepts no text or is too large
    static Automaton notEmpty(Automaton automaton) {
        Automaton texts = deterministic(automaton);
        InputException.require(texts.getNumStates() != 0, "no text satisfies all conditions");
        if (texts.getNumStates() > MAX_STATES) {
            throw tooLarge();
        }
        return texts;
    }

    /// The texts that at least one of two automata accepts.
    static Automaton either(Automaton first, Automaton second) {
        return union(List.of(first, second));
    }

    /// The texts of one automaton followed by the texts of another.
    static Automaton then(Automaton first, Automaton second) {
        long links = 0;
        for (int state = 0; state < first.getNumStates(); state++) {
            links += first.isAccept(state) && second.getNumStates() > 0 ? second.getNumTransitions(0) : 0;
        }
        if (links > MAX_PAIRS) {
            throw tooLarge();
        }
        return bounded(Operations.concatenate(List.of(first, second)));
    }

    private static Automaton union(List<Automaton> all) {
        if (all.stream().mapToLong(Automaton::getNumStates).sum() > MAX_STATES) {
            throw tooLarge();
        }
        return bounded(Operations.union(all));
    }

    private static Automaton without(Automaton first, Automaton second) {
        try {
            return both(first, Operations.complement(second, MAX_WORK));
        } catch (TooComplexToDeterminizeException e) {
            throw tooLarge();
        }
    }

    /// An automaton that accepts the same texts, and follows a single path for each text.
    ///
    /// @throws InputException if the automaton is too large
    static Automaton deterministic(Automaton automaton) {
        try {
            return bounded(Operations.removeDeadStates(Operations.determinize(automaton, MAX_WORK)));
        } catch (TooComplexToDeterminizeException e) {
            throw tooLarge();
        }
    }

    /// Checks the size. The limit is twice the final one, because a later intersection may make an automaton
    /// smaller.
    private static Automaton bounded(Automaton automaton) {
        if (automaton.getNumStates() > 2 * MAX_STATES) {
            throw tooLarge();
        }
        return automaton;
    }

    private static InputException tooLarge() {
        return new InputException("the conditions on one value need an automaton of more than " + MAX_STATES
                + " states; simplify them, or set maxLength for a string");
    }
}
