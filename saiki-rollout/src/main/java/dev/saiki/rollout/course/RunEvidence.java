package dev.saiki.rollout.course;

import dev.saiki.evidence.Decision;
import dev.saiki.evidence.FigureTest;
import dev.saiki.evidence.GateSettings;
import dev.saiki.evidence.GateTest;
import dev.saiki.evidence.SequentialTest;
import dev.saiki.http.Json;
import dev.saiki.io.InputException;
import dev.saiki.rollout.check.FeedbackCheck;
import dev.saiki.rollout.check.FigureCheck;
import dev.saiki.rollout.check.GoldenCheck;
import dev.saiki.rollout.journal.OpenConversation;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutGate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The evidence of one run: one test per gate, of bounded size. Confined to one thread.
final class RunEvidence {

    private final GatewayPlan plan;
    private final Map<String, GateTest> tests = new LinkedHashMap<>();
    private long conversations;

    /// Begins without evidence.
    RunEvidence(GatewayPlan plan) {
        this(plan, Map.of(), 0);
    }

    /// Resumes from the state in the database.
    ///
    /// @param states the states of the tests, by gate
    /// @param conversations number of conversations that contributed evidence
    RunEvidence(GatewayPlan plan, Map<String, String> states, long conversations) {
        this.plan = plan;
        this.conversations = conversations;
        for (RolloutGate gate : plan.gates()) {
            tests.put(gate.name(), test(gate, Optional.ofNullable(states.get(gate.name()))));
        }
    }

    private GateTest test(RolloutGate gate, Optional<String> state) {
        GateSettings settings = plan.settings(gate);
        try {
            return gate.check() instanceof FigureCheck check
                    ? check.test(settings, state)
                    : state.<GateTest>map(before -> SequentialTest.resume(settings, before))
                            .orElseGet(() -> SequentialTest.begin(settings));
        } catch (IllegalArgumentException e) {
            throw new InputException(
                    "the database's evidence of gate " + gate.name() + " cannot be read: " + e.getMessage()
                            + "; use a new database",
                    e);
        }
    }

    /// Adds a closed conversation.
    void enter(OpenConversation conversation) {
        boolean counts = false;
        for (RolloutGate gate : plan.gates()) {
            boolean isObserved = switch (test(gate)) {
                case SequentialTest test -> observe(conversation.mean(gate.name()), test::observe);
                case FigureTest test -> observe(conversation.figure(gate.name()), test::observe);
            };
            // Golden questions do not count as clients' conversations.
            counts |= isObserved && !(gate.check() instanceof GoldenCheck);
        }
        if (counts) {
            conversations++;
        }
    }

    private static <T> boolean observe(Optional<T> value, Consumer<T> test) {
        value.ifPresent(test);
        return value.isPresent();
    }

    /// Adds a pair of users' verdicts, one verdict on each side's answer.
    ///
    /// @param difference the candidate's loss minus the baseline's
    void judged(double difference) {
        for (RolloutGate gate : plan.gates()) {
            if (gate.check() instanceof FeedbackCheck && test(gate) instanceof SequentialTest test) {
                test.observe(difference);
            }
        }
    }

    private GateTest test(RolloutGate gate) {
        GateTest test = tests.get(gate.name());
        if (test == null) {
            throw new IllegalStateException("no test of gate " + gate.name());
        }
        return test;
    }

    /// Returns the first gate with enough evidence that the candidate is worse than tolerated, if there is one.
    Optional<RolloutGate> retreating() {
        return plan.gates().stream()
                .filter(RolloutGate::retreats)
                .filter(gate -> test(gate).decision() == Decision.RETREAT)
                .findFirst();
    }

    /// Whether every gate that is needed for promotion has enough evidence that the candidate is not worse than
    /// tolerated.
    boolean allPass() {
        return plan.gates().stream()
                .filter(RolloutGate::promotes)
                .allMatch(gate -> test(gate).decision() == Decision.PROMOTE);
    }

    /// The number of conversations that contributed evidence.
    long conversations() {
        return conversations;
    }

    /// The states of the tests for resuming, by gate.
    Map<String, String> states() {
        Map<String, String> states = new LinkedHashMap<>();
        tests.forEach((gate, test) -> states.put(gate, test.state()));
        return states;
    }

    /// Shows finite figures only: a failed answer counts as infinitely slow, but JSON has no infinite numbers.
    private static void show(ObjectNode json, FigureTest.Sides figures) {
        if (Double.isFinite(figures.baseline())) {
            json.put("baseline", figures.baseline());
        }
        if (Double.isFinite(figures.candidate())) {
            json.put("candidate", figures.candidate());
        }
    }

    /// The evidence of all gates, for display and for the audit log.
    ArrayNode toJson() {
        ArrayNode gates = Json.array();
        for (RolloutGate gate : plan.gates()) {
            GateTest test = test(gate);
            GateSettings settings = plan.settings(gate);
            ObjectNode shown = gates.addObject()
                    .put("gate", gate.name())
                    .put("tolerance", gate.tolerance())
                    .put("observed", test.observed())
                    .put("log_retreat", test.logRetreatEvidence())
                    .put("log_promote", test.logPromoteEvidence())
                    .put("retreats", gate.retreats())
                    .put("retreats_at", -Math.log(settings.retreatError()))
                    .put("promotes", gate.promotes())
                    .put("promotes_at", -Math.log(settings.promoteError()));
            if (test instanceof FigureTest figures && test.observed() > 0) {
                show(shown.putObject("figures"), figures.figures());
            }
        }
        return gates;
    }
}
