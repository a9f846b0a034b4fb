package dev.saiki.engine.constraint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Transition;

/// The rules of a finite automaton: one rule for each state, which reads a character and then continues with
/// the next state's rule.
///
/// @param characters the rules of single characters
record AutomatonRules(Grammar.Builder builder, CodePointRules characters) {

    /// The rule of the texts that an automaton accepts.
    ///
    /// @throws dev.saiki.io.InputException if the automaton accepts no text or is too large
    int rule(Automaton texts) {
        Automaton automaton = TextAutomata.notEmpty(texts);
        int[] rules = new int[automaton.getNumStates()];
        Arrays.setAll(rules, _ -> builder.reserve());
        for (int state = 0; state < rules.length; state++) {
            builder.define(rules[state], builder.oneOf(options(automaton, state, rules)));
        }
        return rules[0];
    }

    private List<Integer> options(Automaton automaton, int state, int[] rules) {
        SortedMap<Integer, List<CodePoints.Range>> ways = new TreeMap<>();
        Transition way = new Transition();
        for (int number = automaton.initTransition(state, way); number > 0; number--) {
            automaton.getNextTransition(way);
            ways.computeIfAbsent(way.dest, _ -> new ArrayList<>()).add(new CodePoints.Range(way.min, way.max));
        }
        List<Integer> options = new ArrayList<>();
        ways.forEach((next, ranges) -> {
            CodePoints points = new CodePoints(ranges);
            if (!points.isEmpty()) {
                options.add(builder.inOrder(characters.one(points), rules[next]));
            }
        });
        if (automaton.isAccept(state)) {
            options.add(builder.nothing());
        }
        return options;
    }
}
