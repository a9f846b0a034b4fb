package dev.saiki.rollout.state;

import dev.saiki.rollout.check.FeedbackCheck;
import dev.saiki.rollout.evidence.Decision;
import dev.saiki.rollout.evidence.GateSettings;
import dev.saiki.rollout.evidence.SequentialTest;
import dev.saiki.rollout.evidence.SequentialTests;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.EvidenceSettings;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutGate;
import dev.saiki.server.http.Json;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;

/// The evidence of one run: a test for each gate, and the conversations that are on their way into them.
///
/// Closed conversations enter in the order in which they were assigned, so that fast ones do not speak first; one that
/// does not come to its end enters as it stands at its time limit. For one thread.
final class RunEvidence {

    private final GatewayPlan plan;
    private final Map<String, SequentialTest> tests = new LinkedHashMap<>();
    private final Map<String, OpenConversation> open = new LinkedHashMap<>();
    private final Set<String> entered = new HashSet<>();
    private final Set<String> ofFeedback = new HashSet<>();
    private final Map<Side, Deque<Double>> verdicts = new EnumMap<>(Side.class);
    private long conversations;

    RunEvidence(GatewayPlan plan) {
        this.plan = plan;
        plan.gates().forEach(gate -> tests.put(gate.name(), SequentialTests.of(plan.settings(gate))));
        for (Side side : Side.values()) {
            verdicts.put(side, new ArrayDeque<>());
        }
    }

    /// Goes on with what a database held.
    void resume(Map<String, String> testStates, Map<String, OpenConversation> openOnes, Set<String> enteredOnes) {
        for (RolloutGate gate : plan.gates()) {
            Optional.ofNullable(testStates.get(gate.name()))
                    .ifPresent(state -> tests.put(gate.name(), SequentialTests.resume(plan.settings(gate), state)));
        }
        open.putAll(openOnes);
        entered.addAll(enteredOnes);
        conversations = enteredOnes.size();
    }

    /// Begins a conversation, unless it has begun or has entered already.
    ///
    /// @return whether it is new
    boolean assigned(String conversation, long nowMillis) {
        if (entered.contains(conversation) || open.containsKey(conversation)) {
            return false;
        }
        open.put(conversation, new OpenConversation(nowMillis));
        return true;
    }

    /// Takes a pair, unless its conversation has entered already.
    ///
    /// @return the conversation as it stands now, if it took the pair
    Optional<OpenConversation> add(String conversation, Map<String, Double> differences) {
        OpenConversation found = open.get(conversation);
        if (found == null) {
            return Optional.empty();
        }
        found.add(differences);
        return Optional.of(found);
    }

    /// Lets all conversations enter that are closed, and have none before them that is not.
    ///
    /// @return those that entered
    List<String> enterClosed(long nowMillis) {
        EvidenceSettings settings = plan.evidence();
        List<String> now = new ArrayList<>();
        Iterator<Map.Entry<String, OpenConversation>> first = open.entrySet().iterator();
        while (first.hasNext()) {
            Map.Entry<String, OpenConversation> next = first.next();
            if (!next.getValue().isClosed(settings.pairs(), settings.time().toMillis(), nowMillis)) {
                break;
            }
            first.remove();
            enter(next.getValue());
            entered.add(next.getKey());
            now.add(next.getKey());
        }
        return now;
    }

    private void enter(OpenConversation conversation) {
        boolean said = false;
        for (RolloutGate gate : plan.gates()) {
            OptionalDouble mean = conversation.mean(gate.name());
            if (mean.isPresent()) {
                test(gate).observe(mean.getAsDouble());
                said = true;
            }
        }
        if (said) {
            conversations++;
        }
    }

    /// Takes a verdict of a user, one for each conversation, and puts it against one on the other side.
    ///
    /// @param loss from 0 to 1
    void verdict(String conversation, Side side, double loss) {
        if (!ofFeedback.add(conversation)) {
            return;
        }
        Deque<Double> others = verdicts(side.other());
        if (others.isEmpty()) {
            verdicts(side).add(loss);
            return;
        }
        double other = others.remove();
        double difference = side == Side.CANDIDATE ? loss - other : other - loss;
        plan.gates().stream()
                .filter(gate -> gate.check() instanceof FeedbackCheck)
                .forEach(gate -> test(gate).observe(difference));
    }

    private Deque<Double> verdicts(Side side) {
        return verdicts.getOrDefault(side, new ArrayDeque<>());
    }

    private SequentialTest test(RolloutGate gate) {
        SequentialTest test = tests.get(gate.name());
        if (test == null) {
            throw new IllegalStateException("no test of gate " + gate.name());
        }
        return test;
    }

    /// The first gate with enough evidence that the candidate is worse, if there is one.
    Optional<RolloutGate> retreating() {
        return plan.gates().stream()
                .filter(RolloutGate::retreats)
                .filter(gate -> test(gate).decision() == Decision.RETREAT)
                .findFirst();
    }

    /// Whether every gate that has to has enough evidence that the candidate is not worse.
    boolean allPass() {
        return plan.gates().stream()
                .filter(RolloutGate::promotes)
                .allMatch(gate -> test(gate).decision() == Decision.PROMOTE);
    }

    private static double threshold(double error) {
        return -Math.log(error);
    }

    /// How many conversations have said anything.
    long conversations() {
        return conversations;
    }

    /// How many are on their way.
    int open() {
        return open.size();
    }

    /// The tests as they can be resumed, by gate.
    Map<String, String> states() {
        Map<String, String> states = new LinkedHashMap<>();
        tests.forEach((gate, test) -> states.put(gate, test.state()));
        return states;
    }

    /// The evidence of all gates, for people and for the audit.
    ArrayNode toJson() {
        ArrayNode gates = Json.array();
        for (RolloutGate gate : plan.gates()) {
            SequentialTest test = test(gate);
            GateSettings settings = plan.settings(gate);
            gates.addObject()
                    .put("gate", gate.name())
                    .put("tolerance", gate.tolerance())
                    .put("observed", test.observed())
                    .put("log_retreat", test.logRetreatEvidence())
                    .put("log_promote", test.logPromoteEvidence())
                    .put("retreats", gate.retreats())
                    .put("retreats_at", threshold(settings.retreatError()))
                    .put("promotes", gate.promotes())
                    .put("promotes_at", threshold(settings.promoteError()));
        }
        return gates;
    }
}
