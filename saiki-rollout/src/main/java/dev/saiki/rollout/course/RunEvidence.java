package dev.saiki.rollout.course;

import dev.saiki.evidence.GateMeasure;
import dev.saiki.evidence.GateTest;
import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.evidence.RetreatRule;
import dev.saiki.http.Json;
import dev.saiki.io.InputException;
import dev.saiki.rollout.check.ComparisonCheck;
import dev.saiki.rollout.check.DepartureCheck;
import dev.saiki.rollout.check.ErrorCheck;
import dev.saiki.rollout.check.ErrorRateCheck;
import dev.saiki.rollout.check.FeedbackCheck;
import dev.saiki.rollout.check.GoldenCheck;
import dev.saiki.rollout.check.LatencyQuantileCheck;
import dev.saiki.rollout.check.LossCheck;
import dev.saiki.rollout.journal.OpenConversation;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutGate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The evidence of one run: for each gate a test over all conversations, and one over the conversations of each slice.
/// Confined to one thread.
final class RunEvidence {

    private final GatewayPlan plan;
    private final TrafficSlices slices;
    private final RetreatRule rule;
    private final int attempt;
    private final double promoteError;
    private final Map<Key, GateTest> tests = new LinkedHashMap<>();
    private final Map<String, String> states;
    private final Set<Key> touched = new LinkedHashSet<>();
    private final Optional<RetiredBaseline> retired;
    private long conversations;

    /// What a test is about.
    ///
    /// @param gate the gate
    /// @param slice the slice; empty for all conversations
    record Key(RolloutGate gate, String slice) {

        /// The name under which the test is stored.
        String name() {
            return slice.isEmpty() ? gate.name() : gate.name() + "@" + slice;
        }

        /// The words of a message.
        String words() {
            return "gate " + gate.name() + (slice.isEmpty() ? "" : ", slice " + slice);
        }
    }

    /// Begins a run, or resumes it from the state in the database.
    ///
    /// @param attempt the number of the runs of this candidate so far that gathered evidence, this one included
    /// @param states the states of the tests, by name
    /// @param conversations number of conversations that contributed evidence
    /// @param retired the baseline, if it has retired
    RunEvidence(
            GatewayPlan plan,
            TrafficSlices slices,
            int attempt,
            Map<String, String> states,
            long conversations,
            Optional<RetiredBaseline> retired) {
        this.plan = plan;
        this.retired = retired;
        this.slices = slices;
        this.rule = plan.retreatRule();
        this.attempt = attempt;
        this.promoteError = plan.evidence().promoteErrorOf(attempt);
        this.states = Map.copyOf(states);
        this.conversations = conversations;
        plan.gates().forEach(gate -> test(new Key(gate, "")));
        for (String slice : slices.chosen()) {
            plan.gates().stream()
                    .map(gate -> new Key(gate, slice))
                    .filter(key -> states.containsKey(key.name()))
                    .forEach(this::test);
        }
    }

    private GateTest test(Key key) {
        return tests.computeIfAbsent(key, this::make);
    }

    private GateMeasure measure(Key key) {
        if (key.slice().isEmpty()) {
            return key.gate().measure();
        }
        // Later turns are as many as conversations, so they need no wider tolerance.
        return key.slice().equals(TrafficSlices.LATER)
                ? key.gate().measure().inSlice(0)
                : plan.evidence().inSlice(key.slice(), key.gate().measure());
    }

    private GateTest make(Key key) {
        GateMeasure measure = measure(key);
        try {
            @Nullable String state = states.get(key.name());
            return state == null
                    ? GateTest.begin(measure, promoteError)
                    : GateTest.resume(measure, promoteError, state);
        } catch (IllegalArgumentException e) {
            throw new InputException(
                    "the database's evidence of " + key.words() + " cannot be read: " + e.getMessage()
                            + "; use a new database",
                    e);
        }
    }

    /// Adds a conversation.
    ///
    /// @param isOwed whether the candidate still owes its answer after all the time it had: every gate that would
    ///     have judged the answer then counts it as the worst
    void enter(OpenConversation conversation, boolean isOwed, Departures departures) {
        boolean counts = false;
        for (RolloutGate gate : plan.gates()) {
            Optional<Sides> sides = isOwed ? worst(gate) : conversation.observed(gate.name());
            sides.ifPresent(values -> observe(gate, conversation.beginning(), values));
            // Golden questions do not count as clients' conversations.
            counts |= sides.isPresent() && !(gate.check() instanceof GoldenCheck);
        }
        boolean isFirst = conversation.beginning().isFirst();
        if (isFirst) {
            conversation.departure().flatMap(departures::shown).ifPresent(this::observe);
        }
        conversations += counts && isFirst ? 1 : 0;
    }

    private static Optional<Sides> worst(RolloutGate gate) {
        return switch (gate.check()) {
            case ComparisonCheck _, LossCheck _, ErrorCheck _, ErrorRateCheck _ -> Optional.of(new Sides(0, 1));
            case LatencyQuantileCheck _ -> Optional.of(new Sides(0, Double.POSITIVE_INFINITY));
            case DepartureCheck _, FeedbackCheck _, GoldenCheck _ -> Optional.empty();
        };
    }

    private void observe(RolloutGate gate, OpenConversation.Beginning beginning, Sides values) {
        if (beginning.isFirst()) {
            observe(new Key(gate, ""), values);
        }
        beginning.slices().forEach(slice -> observe(new Key(gate, slice), values));
    }

    private void observe(Key key, Sides values) {
        Optional<Sides> compared = retired.isEmpty()
                ? Optional.of(values)
                : retired.get().beside(key.name(), key.slice().isEmpty(), measure(key), values);
        compared.ifPresent(sides -> touch(key).observe(sides));
    }

    /// The mean losses of the baseline in this run, for the time after it has retired.
    RetiredBaseline baseline() {
        Map<String, Double> losses = new LinkedHashMap<>();
        tests.forEach((key, test) -> {
            if (test.observed() > 0 && measure(key) instanceof GateMeasure.Difference) {
                losses.put(key.name(), RetiredBaseline.most(test.figures().baseline(), test.observed()));
            }
        });
        return new RetiredBaseline(losses);
    }

    private void observe(Departures.Shown shown) {
        plan.gates().stream()
                .filter(gate -> gate.check() instanceof DepartureCheck)
                .forEach(gate -> touch(new Key(gate, "")).observe(shown.least(), shown.most()));
    }

    private GateTest touch(Key key) {
        touched.add(key);
        return test(key);
    }

    /// Adds a pair of users' verdicts, one verdict on each side's answer.
    ///
    /// @param difference the candidate's loss minus the baseline's
    void judged(double difference) {
        plan.gates().stream()
                .filter(gate -> gate.check() instanceof FeedbackCheck)
                .forEach(gate -> touch(new Key(gate, "")).observe(Sides.ofDifference(difference)));
    }

    /// Returns the test with most evidence of a change for the worse, if all tests together have enough for a retreat.
    Optional<Key> retreating() {
        double sum = 0;
        for (Map.Entry<Key, GateTest> entry : tests.entrySet()) {
            sum += entry.getKey().gate().retreats() ? entry.getValue().changeEvidence() : 0;
        }
        return sum < rule.threshold()
                ? Optional.empty()
                : tests.entrySet().stream()
                        .filter(entry -> entry.getKey().gate().retreats())
                        .max(Comparator.comparingDouble(
                                entry -> entry.getValue().changeEvidence()))
                        .map(Map.Entry::getKey);
    }

    /// Lists what a promotion still waits for, in words.
    ///
    /// @param isShadow whether clients see no answers of the candidate, so that none can leave or judge them
    List<String> awaited(boolean isShadow) {
        List<String> awaited = new ArrayList<>();
        boolean isSliced = false;
        for (RolloutGate gate : plan.gates()) {
            if (gate.promotes() && !(isShadow && gate.check().needsClients())) {
                await(new Key(gate, ""), awaited);
                if (gate.check().isPaired()) {
                    isSliced = true;
                    slices.chosen().stream()
                            .filter(slices::mustBeCleared)
                            .forEach(slice -> await(new Key(gate, slice), awaited));
                }
            }
        }
        if (isSliced) {
            slices.unknown().ifPresent(awaited::add);
        }
        return awaited;
    }

    private void await(Key key, List<String> awaited) {
        @Nullable GateTest test = tests.get(key);
        if (test == null || !test.isCleared()) {
            awaited.add(key.words());
        }
    }

    /// The number of the attempt.
    int attempt() {
        return attempt;
    }

    /// The number of conversations that contributed evidence.
    long conversations() {
        return conversations;
    }

    /// The states of the tests that have observed anything since this was asked last, for resuming, by name.
    Map<String, String> newStates() {
        Map<String, String> written = new LinkedHashMap<>();
        touched.forEach(key -> written.put(key.name(), test(key).state()));
        touched.clear();
        return written;
    }

    private static void show(ObjectNode json, Sides figures) {
        if (Double.isFinite(figures.baseline())) {
            json.put("baseline", figures.baseline());
        }
        if (Double.isFinite(figures.candidate())) {
            json.put("candidate", figures.candidate());
        }
    }

    /// The evidence of the tests over all conversations, for charts and the audit log.
    ArrayNode toJson() {
        ArrayNode shown = Json.array();
        plan.gates().forEach(gate -> show(shown.addObject(), new Key(gate, "")));
        return shown;
    }

    /// The evidence on which a decision rests: each gate over all conversations, and the slice with most evidence of a
    /// change for the worse.
    ArrayNode toJsonOfDecision() {
        ArrayNode shown = toJson();
        tests.entrySet().stream()
                .filter(entry -> !entry.getKey().slice().isEmpty())
                .max(Comparator.comparingDouble(entry -> entry.getValue().changeEvidence()))
                .ifPresent(worst -> show(shown.addObject(), worst.getKey()));
        return shown;
    }

    /// The evidence of all tests, for display: each gate over all conversations first, then by slice.
    ArrayNode toJsonWithSlices() {
        ArrayNode shown = toJson();
        tests.keySet().stream().filter(key -> !key.slice().isEmpty()).forEach(key -> show(shown.addObject(), key));
        return shown;
    }

    private void show(ObjectNode json, Key key) {
        GateTest test = test(key);
        json.put("gate", key.gate().name())
                .put("slice", key.slice())
                .put("tolerance", measure(key).bound())
                .put("observed", test.observed())
                .put("log_retreat", Math.log(Math.max(1, test.changeEvidence())))
                .put("log_promote", test.logClearance())
                .put("retreats", key.gate().retreats())
                .put("retreats_at", Math.log(rule.threshold()))
                .put("promotes", key.gate().promotes())
                .put("promotes_at", -Math.log(promoteError))
                .put("cleared", test.isCleared());
        if (!key.slice().isEmpty()) {
            json.put("share", slices.share(key.slice()));
        }
        if (test.observed() > 0) {
            show(json.putObject("figures"), test.figures());
        }
    }
}
