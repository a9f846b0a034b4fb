package dev.saiki.engine.model;

import dev.saiki.engine.settings.RouterDecision;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The trace of one token through the model, for inspection. Ordinary chunks have no trace.
public final class TokenTrace {

    private final List<RouterDecision> decisions = new ArrayList<>();
    private final List<ExitState> states = new ArrayList<>();
    private final Map<Integer, float[]> predicted = new TreeMap<>();

    /// The state in which the token exits, or would exit.
    ///
    /// @param depth number of recursions taken before the exit
    /// @param state `[hidden]`
    @SuppressWarnings("ArrayRecordComponent") // Internal; never compared.
    record ExitState(int depth, float[] state) {}

    TokenTrace() {}

    void decide(RouterDecision decision) {
        decisions.add(decision);
    }

    void leave(int depth, float[] state) {
        states.add(new ExitState(depth, state));
    }

    List<ExitState> withoutLast() {
        return states.subList(0, states.size() - 1);
    }

    void predict(int depth, float[] logits) {
        predicted.put(depth, logits);
    }

    /// Returns the router's decisions.
    ///
    /// @return a decision for each step for which the router was evaluated
    public List<RouterDecision> decisions() {
        return List.copyOf(decisions);
    }

    /// Returns the next-token predictions for exits before the actual exit.
    ///
    /// @return logits `[V]` by depth
    public Map<Integer, float[]> predicted() {
        return Collections.unmodifiableMap(predicted);
    }
}
