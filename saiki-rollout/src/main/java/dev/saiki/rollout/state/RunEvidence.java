package dev.saiki.rollout.state;

import dev.saiki.rollout.check.FeedbackCheck;
import dev.saiki.rollout.evidence.Decision;
import dev.saiki.rollout.evidence.GateSettings;
import dev.saiki.rollout.evidence.SequentialTest;
import dev.saiki.rollout.evidence.SequentialTests;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutGate;
import dev.saiki.server.http.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.node.ArrayNode;

/// The evidence of one run: a test for each gate. Its size does not grow with the conversations. For
/// one thread.
final class RunEvidence {

    private final GatewayPlan plan;
    private final Map<String, SequentialTest> tests = new LinkedHashMap<>();
    private long conversations;

    /// Begins with none.
    RunEvidence(GatewayPlan plan) {
        this(plan, Map.of(), 0);
    }

    /// Goes on with what a database held.
    ///
    /// @param states of tests, by gate
    /// @param conversations that have said anything
    RunEvidence(GatewayPlan plan, Map<String, String> states, long conversations) {
        this.plan = plan;
        this.conversations = conversations;
        for (RolloutGate gate : plan.gates()) {
            GateSettings settings = plan.settings(gate);
            tests.put(
                    gate.name(),
                    Optional.ofNullable(states.get(gate.name()))
                            .map(state -> SequentialTests.resume(settings, state))
                            .orElseGet(() -> SequentialTests.of(settings)));
        }
    }

    /// Takes a conversation that is closed.
    void enter(OpenConversation conversation) {
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

    /// Takes two verdicts of users, one on each side.
    ///
    /// @param difference the candidate's loss less the baseline's
    void judged(double difference) {
        plan.gates().stream()
                .filter(gate -> gate.check() instanceof FeedbackCheck)
                .forEach(gate -> test(gate).observe(difference));
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
