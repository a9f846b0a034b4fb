package dev.saiki.engine;

import dev.saiki.engine.RouterHealth.Problem;
import dev.saiki.engine.RouterHealth.State;
import dev.saiki.engine.RouterHealth.Transition;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The log of a circuit breaker: its latest state changes, and the number of trips for each problem.
final class BreakerLog {

    private static final int MAX_TRANSITIONS = 16;

    private final Map<Problem, Long> trips = new EnumMap<>(Problem.class);
    private final Deque<Transition> transitions = new ArrayDeque<>();
    private long numTransitions;

    /// Records a state change.
    ///
    /// @param owner the owner whose requests the change affects; empty if it affects all requests
    void add(Optional<String> owner, State state, Optional<Problem> reason, String detail) {
        if (state == State.OPEN) {
            reason.ifPresent(problem -> trips.merge(problem, 1L, Long::sum));
        }
        numTransitions++;
        transitions.addLast(new Transition(numTransitions, state, reason, owner, detail));
        if (transitions.size() > MAX_TRANSITIONS) {
            transitions.removeFirst();
        }
    }

    /// Counts all changes so far.
    long numTransitions() {
        return numTransitions;
    }

    /// The number of times that each problem opened the circuit breaker.
    Map<Problem, Long> trips() {
        return Map.copyOf(trips);
    }

    /// Returns the newest changes; the oldest of them comes first.
    List<Transition> transitions() {
        return List.copyOf(transitions);
    }
}
